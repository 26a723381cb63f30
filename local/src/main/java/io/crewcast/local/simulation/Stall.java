package io.crewcast.local.simulation;

import java.time.Instant;

/**
 * A stretch in which a project stalls: most tasks that are begun on it get blocked until it is
 * over.
 *
 * @param from when it begins
 * @param to when it is over
 */
public record Stall(String companyId, String projectId, Instant from, Instant to) {
  boolean holds(Instant at) {
    return !at.isBefore(from) && at.isBefore(to);
  }
}
