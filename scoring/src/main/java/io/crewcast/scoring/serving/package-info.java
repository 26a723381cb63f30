/** Versions ready to score: loaded once a JVM, verified against XGBoost4J, explained. */
@NullMarked
package io.crewcast.scoring.serving;

import org.jspecify.annotations.NullMarked;
