/** How benchmarks are run and what came of them is told. */
@NullMarked
package io.crewcast.benchmarks.measure;

import org.jspecify.annotations.NullMarked;
