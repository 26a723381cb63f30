/** A lake as one page: what served, how well, what drifted, and what the experiments say. */
@NullMarked
package io.crewcast.local.report;

import org.jspecify.annotations.NullMarked;
