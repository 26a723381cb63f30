/** Flink functions: state, timers and side outputs around the ledger and the windows. */
@NullMarked
package io.crewcast.features.operator;

import org.jspecify.annotations.NullMarked;
