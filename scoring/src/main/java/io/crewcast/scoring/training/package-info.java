/** Training: from the lake's examples to a version in the model directory. */
@NullMarked
package io.crewcast.scoring.training;

import org.jspecify.annotations.NullMarked;
