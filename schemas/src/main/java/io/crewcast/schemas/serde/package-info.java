/** Topics, the registry and the wire format: how records become bytes and bytes become records. */
@NullMarked
package io.crewcast.schemas.serde;

import org.jspecify.annotations.NullMarked;
