package io.crewcast.scoring.request;

import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.state.ScheduledEntity;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.ModelSpec.Schedule;
import io.crewcast.scoring.model.ModelSpec.Trigger;
import io.crewcast.scoring.operator.TimeTold;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.InternalTimer;
import org.apache.flink.streaming.api.operators.InternalTimerService;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.Triggerable;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Asks on its own, keyed by the entity that is scored, in event time: a model for a score at each
 * multiple of its schedule's period since 1970, as long as the entity is active; and, so long after
 * a score as its label says, for a reading of the entity, which names no model.
 *
 * <p>What is due goes out before any change that was recorded later, and where none comes, when the
 * watermark has passed; at the end of a bounded input, up to its newest event.
 */
public final class AskOnSchedule extends AbstractStreamOperator<Change>
    implements OneInputStreamOperator<Change, Change>, Triggerable<String, VoidNamespace> {

  private static final long MICROS_A_MILLI = 1_000;
  private static final String NO_MODEL = "";

  private static final ListStateDescriptor<Long> PASSED =
      new ListStateDescriptor<>("passed", Types.LONG);

  private static final Comparator<WorkEvent> BY_TIME_AND_MODEL =
      Comparator.comparing(WorkEvent::getRecordedAt)
          .thenComparing(event -> ((PredictionRequested) event.getPayload()).getModel());

  private final EntityType entity;
  private final TreeMap<String, Trigger> triggers = new TreeMap<>();
  private final @Nullable Instant newest;

  private transient InternalTimerService<VoidNamespace> timers;
  private transient ValueState<ScheduledEntity> state;
  private transient ListState<WorkEvent> readings;
  private transient ListState<Long> keptPassed;
  private transient long passedBefore;
  private transient Counter scheduled;
  private transient Counter read;

  /**
   * @param models those that {@link #isFor} and score this kind of entity
   * @param newest when the newest event of a bounded input was recorded; null of one without end
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public AskOnSchedule(EntityType entity, List<ModelSpec> models, @Nullable Instant newest) {
    this.entity = entity;
    this.newest = newest;
    models.forEach(model -> triggers.put(model.name(), model.trigger()));
  }

  /** Whether a model has something to be asked for. */
  public static boolean isFor(ModelSpec model) {
    return model.trigger().schedule() != null || !model.trigger().labelAfter().isZero();
  }

  /** A watermark is no state of Flink's: what had passed at the snapshot is past here too. */
  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    keptPassed = context.getOperatorStateStore().getUnionListState(PASSED);
    passedBefore = Long.MAX_VALUE;
    for (long passed : keptPassed.get()) {
      passedBefore = Math.min(passedBefore, passed);
    }
    passedBefore = passedBefore == Long.MAX_VALUE ? Long.MIN_VALUE : passedBefore;
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    keptPassed.update(List.of(passed()));
  }

  @Override
  public void open() throws Exception {
    super.open();
    timers = getInternalTimerService("schedule", VoidNamespaceSerializer.INSTANCE, this);
    state =
        getRuntimeContext()
            .getState(
                new ValueStateDescriptor<>("scheduled", new AvroTypeInfo<>(ScheduledEntity.class)));
    readings =
        getRuntimeContext()
            .getListState(
                new ListStateDescriptor<>("readings", new AvroTypeInfo<>(WorkEvent.class)));
    var metrics = getMetricGroup();
    scheduled = metrics.counter("scheduledRequests");
    read = metrics.counter("readings");
  }

  @Override
  public void processElement(StreamRecord<Change> element) throws Exception {
    Change change = element.getValue();
    Fact fact = change.getApplied() == null ? change.getRetracted() : change.getApplied();
    WorkEvent event = fact.getEvent();
    if (FactKind.of(event).changesEntities() && FactKind.entityId(event, entity) != null) {
      long recordedAt = Instants.micros(change.getRecordedAt());
      ScheduledEntity before = state.value();
      ScheduledEntity known = before == null ? heardOf(recordedAt) : before;
      ask(known, recordedAt - 1);
      known.setHeardAt(Math.max(known.getHeardAt(), recordedAt));
      readAfter(known, change);
      arm(known);
      keep(known, before != null);
    }
    output.collect(element);
  }

  /** An entity of which nothing was due: what is past by the watermark stays so. */
  private ScheduledEntity heardOf(long recordedAt) {
    long passed = passed();
    long past = passed == Long.MIN_VALUE ? passed : endOf(passed);
    return new ScheduledEntity(recordedAt, Math.max(recordedAt - 1, past), Long.MAX_VALUE, 0L);
  }

  private long passed() {
    return Math.max(passedBefore, timers.currentWatermark());
  }

  /** Forgets an entity of which nothing will be due before it is heard of again. */
  private void keep(ScheduledEntity known, boolean isKept) throws Exception {
    if (known.getTimer() != 0) {
      state.update(known);
    } else if (isKept) {
      state.clear();
    }
  }

  /** Notes when to read for the labels of what an event will trigger. */
  private void readAfter(ScheduledEntity known, Change change) throws Exception {
    Fact applied = change.getApplied();
    if (applied == null || !applied.getEvent().getEventId().equals(change.getEventId())) {
      return;
    }
    for (Trigger trigger : triggers.values()) {
      if (!trigger.labelAfter().isZero() && trigger.holds(applied)) {
        Task task = applied.getEvent().getPayload() instanceof Task of ? of : null;
        note(known, request(known.getHeardAt() + after(trigger), NO_MODEL, task));
      }
    }
  }

  private void note(ScheduledEntity known, WorkEvent reading) throws Exception {
    readings.add(reading);
    known.setNextReading(
        Math.min(known.getNextReading(), Instants.micros(reading.getRecordedAt())));
  }

  @Override
  public void onEventTime(InternalTimer<String, VoidNamespace> timer) throws Exception {
    ScheduledEntity known = state.value();
    if (known == null
        || !TimeTold.reaches(timer.getTimestamp(), timers.currentWatermark(), newest)) {
      return;
    }
    known.setTimer(0);
    ask(known, endOf(timer.getTimestamp()));
    arm(known);
    keep(known, true);
  }

  @Override
  public void onProcessingTime(InternalTimer<String, VoidNamespace> timer) {
    throw new IllegalStateException("no timer goes by the clock");
  }

  private void ask(ScheduledEntity known, long until) throws Exception {
    List<WorkEvent> due = scheduled(known, until);
    for (WorkEvent reading : takeReadings(known, until)) { // of what came late, in the past
      if (due.stream().noneMatch(asked -> reads(asked, reading))) {
        due.add(reading);
      }
    }
    due.sort(BY_TIME_AND_MODEL);
    due.forEach(this::send);
    known.setAskedUntil(Math.max(known.getAskedUntil(), until));
  }

  private List<WorkEvent> scheduled(ScheduledEntity known, long until) throws Exception {
    List<WorkEvent> due = new ArrayList<>();
    for (Map.Entry<String, Trigger> model : triggers.entrySet()) {
      Schedule schedule = model.getValue().schedule();
      if (schedule != null) {
        long last = Math.min(until, schedule.last(known.getHeardAt()));
        for (long at = schedule.next(known.getAskedUntil()); at <= last; at += schedule.period()) {
          due.add(request(at, model.getKey(), null));
          scheduled.inc();
          if (!model.getValue().labelAfter().isZero()) {
            note(known, request(at + after(model.getValue()), NO_MODEL, null));
          }
        }
      }
    }
    return due;
  }

  /** Whether what is asked at an instant reads what a reading would. */
  private static boolean reads(WorkEvent asked, WorkEvent reading) {
    return asked.getRecordedAt().equals(reading.getRecordedAt())
        && Objects.equals(
            ((PredictionRequested) asked.getPayload()).getTask(),
            ((PredictionRequested) reading.getPayload()).getTask());
  }

  private List<WorkEvent> takeReadings(ScheduledEntity known, long until) throws Exception {
    List<WorkEvent> due = new ArrayList<>();
    if (known.getNextReading() <= until) {
      List<WorkEvent> later = new ArrayList<>();
      long next = Long.MAX_VALUE;
      for (WorkEvent reading : readings.get()) {
        long at = Instants.micros(reading.getRecordedAt());
        if (at <= until) {
          due.add(reading);
        } else {
          later.add(reading);
          next = Math.min(next, at);
        }
      }
      readings.update(later);
      known.setNextReading(next);
      read.inc(due.size());
    }
    return due;
  }

  /** The last microsecond of a millisecond: a watermark has passed all of it. */
  private static long endOf(long millis) {
    return millis * MICROS_A_MILLI + MICROS_A_MILLI - 1;
  }

  private static long after(Trigger trigger) {
    return Instants.micros(trigger.labelAfter());
  }

  /** At its own time: what waits for order or for a deadline downstream goes by that. */
  private void send(WorkEvent request) {
    long at = request.getRecordedAt().toEpochMilli();
    output.collect(new StreamRecord<>(change(request), at));
  }

  private WorkEvent request(long at, String model, @Nullable Task about) {
    String key = (String) getCurrentKey();
    int colon = key.indexOf(':');
    Instant instant = Instants.ofMicros(at);
    EntityRef named = new EntityRef(entity, key.substring(colon + 1));
    return new WorkEvent(
        "schedule " + instant,
        key.substring(0, colon),
        instant,
        instant,
        "crewcast",
        false,
        new PredictionRequested(ModelSpec.SCHEDULED, model, List.of(named), about));
  }

  private static Change change(WorkEvent request) {
    Fact fact = Fact.newBuilder().setEvent(request).build();
    return new Change(
        null, fact, request.getEventId(), request.getRecordedAt(), false, new ArrayList<>());
  }

  private void arm(ScheduledEntity known) {
    long next = known.getNextReading();
    for (Trigger trigger : triggers.values()) {
      Schedule schedule = trigger.schedule();
      if (schedule != null
          && schedule.next(known.getAskedUntil()) <= schedule.last(known.getHeardAt())) {
        next = Math.min(next, schedule.next(known.getAskedUntil()));
      }
    }
    long timer = next == Long.MAX_VALUE ? 0 : Math.floorDiv(next, MICROS_A_MILLI);
    if (timer != known.getTimer()) {
      if (known.getTimer() != 0) {
        timers.deleteEventTimeTimer(VoidNamespace.INSTANCE, known.getTimer());
      }
      if (timer != 0) {
        timers.registerEventTimeTimer(VoidNamespace.INSTANCE, timer);
      }
      known.setTimer(timer);
    }
  }
}
