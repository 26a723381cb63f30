/** Versions come from here: trained on the lake's examples, or imported from MLflow. */
@NullMarked
package io.crewcast.scoring.training;

import org.jspecify.annotations.NullMarked;
