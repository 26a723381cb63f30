/**
 * A second computation of every feature row, in SQL, which shares nothing with the first but its
 * inputs and outputs.
 */
@NullMarked
package io.crewcast.local.oracle;

import org.jspecify.annotations.NullMarked;
