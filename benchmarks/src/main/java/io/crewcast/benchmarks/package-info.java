/** {@code ./crewcast bench}: what Crewcast costs on this machine. */
@NullMarked
package io.crewcast.benchmarks;

import org.jspecify.annotations.NullMarked;
