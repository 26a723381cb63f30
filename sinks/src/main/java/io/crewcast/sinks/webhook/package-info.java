/** Alerts to where people read them. */
@NullMarked
package io.crewcast.sinks.webhook;

import org.jspecify.annotations.NullMarked;
