/** What features cost in state on disk: updates, window lengths, history and expiry. */
@NullMarked
package io.crewcast.benchmarks.features;

import org.jspecify.annotations.NullMarked;
