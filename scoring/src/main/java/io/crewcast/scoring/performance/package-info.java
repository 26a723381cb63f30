/** How well models predicted, from sums that add up over tasks and windows. */
@NullMarked
package io.crewcast.scoring.performance;

import org.jspecify.annotations.NullMarked;
