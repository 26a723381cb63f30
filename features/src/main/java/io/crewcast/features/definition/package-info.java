/** What a feature is: the YAML files, read and checked once. Knows nothing of Flink. */
@NullMarked
package io.crewcast.features.definition;

import org.jspecify.annotations.NullMarked;
