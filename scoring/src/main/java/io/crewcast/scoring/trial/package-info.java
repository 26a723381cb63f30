/** Experiments as they run: who is exposed, what becomes of each unit, and what that says. */
@NullMarked
package io.crewcast.scoring.trial;

import org.jspecify.annotations.NullMarked;
