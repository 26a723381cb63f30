/**
 * Brings work events in: CSV through a declarative mapping into event files, and event files into
 * Kafka.
 */
@NullMarked
package io.crewcast.local.ingest;

import org.jspecify.annotations.NullMarked;
