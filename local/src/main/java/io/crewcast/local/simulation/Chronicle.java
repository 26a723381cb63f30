package io.crewcast.local.simulation;

import io.crewcast.schemas.WorkEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** All that is told, in the order in which it was made; some of it twice. */
final class Chronicle {
  private final SplittableRandom random;
  private final double repeatShare;
  private final List<WorkEvent> events = new ArrayList<>();

  Chronicle(double repeatShare, SplittableRandom random) {
    this.repeatShare = repeatShare;
    this.random = random;
  }

  List<WorkEvent> events() {
    return events;
  }

  /** Tells what was known when it happened. */
  void tell(World.Company company, String id, Instant occurred, Object payload) {
    tell(company, id, occurred, occurred, payload);
  }

  void tell(World.Company company, String id, Instant occurred, Instant recorded, Object payload) {
    add(company, id, occurred, recorded, payload, false);
  }

  void takeBack(
      World.Company company, String id, Instant occurred, Instant recorded, Object payload) {
    add(company, id, occurred, recorded, payload, true);
  }

  private void add(
      World.Company company,
      String id,
      Instant occurred,
      Instant recorded,
      Object payload,
      boolean voided) {
    WorkEvent event =
        WorkEvent.newBuilder()
            .setEventId(id)
            .setCompanyId(company.id())
            .setOccurredAt(occurred)
            .setRecordedAt(recorded)
            .setSource("simulation")
            .setVoided(voided)
            .setPayload(payload)
            .build();
    events.add(event);
    if (random.nextDouble() < repeatShare) {
      events.add(event);
    }
  }
}
