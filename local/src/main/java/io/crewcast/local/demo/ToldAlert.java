package io.crewcast.local.demo;

import java.time.Instant;

/**
 * An alert, to be told.
 *
 * @param asOf when it came to be known, in the time of events
 */
record ToldAlert(Instant asOf, String message) {}
