/** How far the values of a window are from those that a model was trained on. */
@NullMarked
package io.crewcast.scoring.drift;

import org.jspecify.annotations.NullMarked;
