/** What it costs to write features to Redis and to read them back. */
@NullMarked
package io.crewcast.benchmarks.redis;

import org.jspecify.annotations.NullMarked;
