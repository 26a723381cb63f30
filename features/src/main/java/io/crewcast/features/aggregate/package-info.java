/** The arithmetic of features: whole numbers that add and take away. Knows nothing of Flink. */
@NullMarked
package io.crewcast.features.aggregate;

import org.jspecify.annotations.NullMarked;
