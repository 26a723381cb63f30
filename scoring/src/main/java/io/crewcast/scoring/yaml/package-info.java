/** Files that people write: what is wrong with one is told with its line and what to do. */
@NullMarked
package io.crewcast.scoring.yaml;

import org.jspecify.annotations.NullMarked;
