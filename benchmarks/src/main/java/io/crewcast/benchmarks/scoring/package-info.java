/** What a score costs. */
@NullMarked
package io.crewcast.benchmarks.scoring;

import org.jspecify.annotations.NullMarked;
