/** Flink functions that score changes as they pass and wait for what then happens. */
@NullMarked
package io.crewcast.scoring.operator;

import org.jspecify.annotations.NullMarked;
