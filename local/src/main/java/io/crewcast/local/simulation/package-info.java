/**
 * Makes work events that never happened, from a seed, with causes in them that a model can learn.
 */
@NullMarked
package io.crewcast.local.simulation;

import org.jspecify.annotations.NullMarked;
