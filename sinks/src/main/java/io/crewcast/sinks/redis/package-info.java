/** The online store: newest feature vectors in Redis, in the layout that Feast reads. */
@NullMarked
package io.crewcast.sinks.redis;

import org.jspecify.annotations.NullMarked;
