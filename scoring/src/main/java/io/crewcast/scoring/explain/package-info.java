/** Why a model scored as it did: exact SHAP values over the flat trees. */
@NullMarked
package io.crewcast.scoring.explain;

import org.jspecify.annotations.NullMarked;
