/** To and from Kafka: topics, records as the broker gave them, and sinks with their delivery. */
@NullMarked
package io.crewcast.sinks.kafka;

import org.jspecify.annotations.NullMarked;
