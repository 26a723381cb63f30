/** What a score and a change of features cost, measured with JMH. */
@NullMarked
package io.crewcast.benchmarks;

import org.jspecify.annotations.NullMarked;
