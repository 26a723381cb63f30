/** Which version answers whom, from when on. */
@NullMarked
package io.crewcast.scoring.rollout;

import org.jspecify.annotations.NullMarked;
