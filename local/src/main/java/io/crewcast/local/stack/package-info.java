/**
 * Kafka, schema registry, Redis and a Flink cluster on this machine, started and ended together.
 */
@NullMarked
package io.crewcast.local.stack;

import org.jspecify.annotations.NullMarked;
