package io.crewcast.features.operator;

import io.crewcast.features.ledger.CountedBy;
import io.crewcast.features.ledger.FactLedger;
import io.crewcast.features.ledger.FactLedger.Outcome;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.DeadLetters;
import io.crewcast.schemas.state.LedgerEntry;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.Change;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Turns events into steps of knowledge: what stood before is taken back, what stands now is
 * applied. Keyed by fact. Repeats change nothing; what comes too late to correct is a dead letter.
 */
public final class KeepLedger extends KeyedProcessFunction<String, Arrival, Change> {

  public static final OutputTag<DeadLetter> DEAD_LETTERS =
      new OutputTag<>("uncorrectable", new AvroTypeInfo<>(DeadLetter.class));

  private final Duration correctableFor;
  private final int countedBy;

  private transient ValueState<LedgerEntry> ledger;
  private transient Counter applied;
  private transient Counter superseded;
  private transient Counter repeats;
  private transient Counter uncorrectable;

  /**
   * @param correctableFor how long after it occurred a fact that happens once can be corrected, in
   *     event time; as long as windows keep what it contributed
   * @param kept the kinds of entity whose features the job keeps
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public KeepLedger(Duration correctableFor, Collection<EntityType> kept) {
    this.correctableFor = correctableFor;
    this.countedBy = CountedBy.of(kept);
  }

  @Override
  public void open(OpenContext context) {
    ledger =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("ledger", new AvroTypeInfo<>(LedgerEntry.class)));
    var metrics = getRuntimeContext().getMetricGroup();
    applied = metrics.counter("appliedEvents");
    superseded = metrics.counter("supersededEvents");
    repeats = metrics.counter("repeatedEvents");
    uncorrectable = metrics.counter("uncorrectableEvents");
  }

  @Override
  public void processElement(Arrival arrival, Context context, Collector<Change> out)
      throws Exception {
    WorkEvent event = Objects.requireNonNull(arrival.getEvent());
    LedgerEntry entry = ledger.value() == null ? FactLedger.unknown() : ledger.value();
    Outcome outcome = FactLedger.enter(entry, event);
    switch (outcome.verdict()) {
      case APPLIED -> {
        applied.inc();
        stand(entry, outcome);
      }
      case SUPERSEDED -> superseded.inc();
      case REPEAT -> {
        repeats.inc();
        return;
      }
      case UNCORRECTABLE -> {
        uncorrectable.inc();
        ledger.update(entry);
        context.output(DEAD_LETTERS, deadLetter(arrival, event));
        return;
      }
    }
    ledger.update(entry);
    outcome.changes().forEach(out::collect);
    if (FactLedger.closes(FactKind.of(event))) {
      context.timerService().registerEventTimeTimer(closesAt(entry));
    }
  }

  /** What stands from now on is counted by all that are kept, whoever counted what it replaces. */
  private void stand(LedgerEntry entry, Outcome outcome) {
    entry.setCountedBy(countedBy);
    for (Change change : outcome.changes()) {
      if (change.getApplied() != null) {
        change.getApplied().setCountedBy(countedBy);
      }
    }
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Change> out)
      throws Exception {
    boolean inputEnded = context.timerService().currentWatermark() == Long.MAX_VALUE;
    LedgerEntry entry = ledger.value();
    if (!inputEnded && entry != null && !entry.getClosed() && timestamp >= closesAt(entry)) {
      ledger.update(FactLedger.closed(entry));
    }
  }

  private long closesAt(LedgerEntry entry) {
    var versions = entry.getVersions();
    return versions.get(versions.size() - 1).getOccurredAt().plus(correctableFor).toEpochMilli();
  }

  private DeadLetter deadLetter(Arrival arrival, WorkEvent event) {
    return DeadLetters.of(
        arrival.getRaw(),
        DeadLetterReason.UNCORRECTABLE,
        "event_id %s corrects a fact that occurred more than %d days before the newest events of the stream; send the difference as a new fact with an id of its own"
            .formatted(event.getEventId(), correctableFor.toDays()),
        event.getCompanyId());
  }
}
