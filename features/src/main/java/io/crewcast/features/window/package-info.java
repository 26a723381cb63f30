/** How an entity's features move through time: tiles, pages, running partials and expiry. */
@NullMarked
package io.crewcast.features.window;

import org.jspecify.annotations.NullMarked;
