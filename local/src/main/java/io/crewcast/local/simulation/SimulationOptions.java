package io.crewcast.local.simulation;

import java.time.Duration;
import java.time.Instant;

/**
 * What to simulate. The same options make the same bytes.
 *
 * @param events how many events to make, broken records not counted
 * @param span time that they cover when the workers can do so much in it; else it takes longer
 * @param lateShare share of time entries recorded hours to days after the work
 * @param correctionShare share of time entries corrected later; of those, some move to another
 *     worker or project
 * @param voidShare share of time entries and defects that turn out never to have been
 * @param reassignmentShare share of tasks that go from one worker to another after they were
 *     started
 * @param repeatShare share of events that stand in the file twice
 * @param brokenShare share of records that are no valid event, over the number of events
 * @param requests how many requests to rank workers or crews, about
 */
public record SimulationOptions(
    long seed,
    int events,
    int companies,
    int projects,
    int workers,
    Instant start,
    Duration span,
    double lateShare,
    double correctionShare,
    double voidShare,
    double reassignmentShare,
    double repeatShare,
    double brokenShare,
    int requests) {
  public SimulationOptions {
    if (events < 1
        || companies < 1
        || projects < companies
        || workers < 2 * companies
        || requests < 0) {
      throw new IllegalArgumentException(
          "a simulation needs an event, a company, a project and two workers for each company; raise --events, --projects or --workers, and let --requests be 0 or more");
    }
  }

  /**
   * Two companies from 2024 on, 16 projects and 60 workers for each 100,000 events that are begun:
   * these take a year to two, so that none of them lies in the future.
   */
  public static SimulationOptions of(long seed, int events) {
    int crowds = (events - 1) / 100_000 + 1;
    return new SimulationOptions(
        seed,
        events,
        2,
        16 * crowds,
        60 * crowds,
        Instant.parse("2024-01-01T00:00:00Z"),
        Duration.ofDays(365),
        0.08,
        0.03,
        0.01,
        0.04,
        0.02,
        0.001,
        0);
  }

  /** The same with so many requests. */
  public SimulationOptions withRequests(int number) {
    return new SimulationOptions(
        seed,
        events,
        companies,
        projects,
        workers,
        start,
        span,
        lateShare,
        correctionShare,
        voidShare,
        reassignmentShare,
        repeatShare,
        brokenShare,
        number);
  }
}
