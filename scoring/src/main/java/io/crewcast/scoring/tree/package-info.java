/** XGBoost's trees as flat arrays: read from its files, checked, and walked with the same bits. */
@NullMarked
package io.crewcast.scoring.tree;

import org.jspecify.annotations.NullMarked;
