package io.crewcast.scoring.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.Worker;
import io.crewcast.schemas.WorkerStatus;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.RawRecord;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What no model can answer becomes a dead letter that says why. */
final class CheckRequestsTest {

  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  private final CheckRequests check =
      new CheckRequests(
          List.of(
              RequestModels.ofWorkers("picker", "binary:logistic", ""),
              RequestModels.scheduled("pulse", "every: 5m")));

  @Test
  void letsThroughWhatAModelCanAnswer() {
    assertThat(check.map(request("picker", worker("ann"), worker("bob"))).getFault()).isNull();
    assertThat(check.map(request("pulse", new EntityRef(EntityType.PROJECT, "p"))).getFault())
        .isNull();
    WorkEvent other =
        event(new Worker("ann", WorkerStatus.ACTIVE, List.of(), List.of(), null, null));
    assertThat(check.map(new Arrival(raw(), other, null)).getEvent()).isSameAs(other);
  }

  @Test
  void namesTheModelsThatThereAre() {
    DeadLetter letter = fault(request("piker", worker("ann")));
    assertThat(letter.getReason()).isEqualTo(DeadLetterReason.INVALID_ID);
    assertThat(letter.getDetail())
        .isEqualTo("model piker is not defined; ask one of picker, pulse");
    assertThat(letter.getCompanyId()).isEqualTo("acme");
    assertThat(letter.getOffset()).isEqualTo(7);
  }

  @Test
  void refusesCandidatesThatTheModelDoesNotScore() {
    DeadLetter letter =
        fault(request("picker", worker("ann"), new EntityRef(EntityType.CREW, "c")));
    assertThat(letter.getReason()).isEqualTo(DeadLetterReason.OUT_OF_RANGE);
    assertThat(letter.getDetail())
        .isEqualTo("model picker scores a worker, and entities names the crew c");
  }

  @Test
  void refusesACandidateThatIsNamedTwice() {
    assertThat(fault(request("picker", worker("ann"), worker("ann"))).getDetail())
        .isEqualTo("entities names ann twice; name it once");
  }

  @Test
  void refusesMoreCandidatesThanItBears() {
    List<EntityRef> many = new ArrayList<>();
    for (int i = 0; i < 257; i++) {
      many.add(worker("w" + i));
    }
    assertThat(fault(request("picker", many.toArray(EntityRef[]::new))).getDetail())
        .isEqualTo("entities names 257 candidates; name at most 256");
  }

  private DeadLetter fault(Arrival arrival) {
    Arrival checked = check.map(arrival);
    assertThat(checked.getEvent()).isNull();
    return checked.getFault();
  }

  private static EntityRef worker(String id) {
    return new EntityRef(EntityType.WORKER, id);
  }

  private static Arrival request(String model, EntityRef... entities) {
    return new Arrival(
        raw(), event(new PredictionRequested("r", model, List.of(entities), null)), null);
  }

  private static WorkEvent event(Object payload) {
    return new WorkEvent("e", "acme", NOON, NOON, "test", false, payload);
  }

  private static RawRecord raw() {
    return new RawRecord(
        "work-events", 0, 7L, NOON, ByteBuffer.wrap(new byte[1]), ByteBuffer.wrap(new byte[1]));
  }
}
