/**
 * The jobs on a Flink cluster: the one that scores, from backfill to live, and those that watch it.
 */
@NullMarked
package io.crewcast.local.scoring;

import org.jspecify.annotations.NullMarked;
