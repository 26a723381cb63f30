/** Statistics that several parts share: corrections of tests, exact sums, losses. */
@NullMarked
package io.crewcast.scoring.statistics;

import org.jspecify.annotations.NullMarked;
