/** The scoring job on a Flink cluster: as a backfill, live, and from the one to the other. */
@NullMarked
package io.crewcast.local.scoring;

import org.jspecify.annotations.NullMarked;
