/** How good the models of the catalogue are on simulated work. */
@NullMarked
package io.crewcast.benchmarks.models;

import org.jspecify.annotations.NullMarked;
