/**
 * A second computation of every feature row, in SQL made from the feature files, which shares
 * nothing with the first but its inputs and outputs.
 */
@NullMarked
package io.crewcast.local.verify;

import org.jspecify.annotations.NullMarked;
