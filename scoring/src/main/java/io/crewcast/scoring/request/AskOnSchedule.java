package io.crewcast.scoring.request;

import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.state.ScheduledEntity;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.ModelSpec.Schedule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Asks models for scores on their schedules, keyed by the entity that they score, in event time: a
 * request as of each multiple of the period since 1970, as long as the entity is active. It goes
 * out before any change that was recorded later, and where none comes, when the watermark has
 * passed.
 *
 * <p>For a label so long after a score the entity is read once more then, though it may be active
 * no longer; that reading asks no model.
 */
public final class AskOnSchedule extends KeyedProcessFunction<String, Change, Change> {

  private static final long MICROS_A_MILLI = 1_000;

  private final EntityType entity;
  private final TreeMap<String, Schedule> schedules = new TreeMap<>();

  private transient ValueState<ScheduledEntity> state;
  private transient Counter asked;

  /**
   * @param models those with a schedule that score this kind of entity
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public AskOnSchedule(EntityType entity, List<ModelSpec> models) {
    this.entity = entity;
    for (ModelSpec model : models) {
      schedules.put(model.name(), Objects.requireNonNull(model.trigger().schedule()));
    }
  }

  /** A request that is due; of no model where the entity is only read. */
  private record Due(long at, String model) {}

  @Override
  public void open(OpenContext context) {
    state =
        getRuntimeContext()
            .getState(
                new ValueStateDescriptor<>("scheduled", new AvroTypeInfo<>(ScheduledEntity.class)));
    asked = getRuntimeContext().getMetricGroup().counter("scheduledRequests");
  }

  @Override
  public void processElement(Change change, Context context, Collector<Change> out)
      throws Exception {
    WorkEvent event =
        Objects.requireNonNullElse(change.getApplied(), change.getRetracted()).getEvent();
    if (FactKind.of(event).changesEntities() && FactKind.entityId(event, entity) != null) {
      long recordedAt = Instants.micros(change.getRecordedAt());
      ScheduledEntity known = state.value();
      if (known == null) {
        known = new ScheduledEntity(recordedAt, recordedAt - 1, 0L);
      }
      ask(known, recordedAt - 1, context.getCurrentKey(), out);
      known.setHeardAt(Math.max(known.getHeardAt(), recordedAt));
      arm(known, context.timerService());
      state.update(known);
    }
    out.collect(change);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Change> out)
      throws Exception {
    ScheduledEntity known = state.value();
    if (known == null || context.timerService().currentWatermark() == Long.MAX_VALUE) {
      return; // the input has ended: nothing more is asked
    }
    known.setTimer(0);
    ask(known, timestamp * MICROS_A_MILLI, context.getCurrentKey(), out);
    arm(known, context.timerService());
    state.update(known);
  }

  private void ask(ScheduledEntity known, long until, String key, Collector<Change> out) {
    if (until <= known.getAskedUntil()) {
      return;
    }
    List<Due> due = new ArrayList<>();
    schedules.forEach(
        (model, schedule) -> {
          long last = Math.min(until, schedule.lastReading(known.getHeardAt()));
          for (long at = schedule.next(known.getAskedUntil());
              at <= last;
              at += schedule.period()) {
            due.add(new Due(at, schedule.isActive(known.getHeardAt(), at) ? model : ""));
          }
        });
    due.stream()
        .distinct()
        .sorted(Comparator.comparingLong(Due::at).thenComparing(Due::model))
        .forEach(one -> out.collect(request(one, key)));
    asked.inc(due.size());
    known.setAskedUntil(until);
  }

  private Change request(Due due, String key) {
    int colon = key.indexOf(':');
    Instant at = Instants.ofMicros(due.at());
    EntityRef named = new EntityRef(entity, key.substring(colon + 1));
    WorkEvent event = new WorkEvent();
    event.setEventId("schedule " + at);
    event.setCompanyId(key.substring(0, colon));
    event.setOccurredAt(at);
    event.setRecordedAt(at);
    event.setSource("crewcast");
    event.setPayload(
        new PredictionRequested(ModelSpec.SCHEDULED, due.model(), List.of(named), null));
    Fact fact = new Fact();
    fact.setEvent(event);
    fact.setStatusMicros(Map.of());
    return new Change(null, fact, event.getEventId(), at, false, new ArrayList<>());
  }

  private void arm(ScheduledEntity known, TimerService timers) {
    long next =
        schedules.values().stream()
            .filter(s -> s.next(known.getAskedUntil()) <= s.lastReading(known.getHeardAt()))
            .mapToLong(schedule -> schedule.next(known.getAskedUntil()))
            .min()
            .orElse(0);
    long timer = next / MICROS_A_MILLI;
    if (timer != known.getTimer()) {
      if (known.getTimer() != 0) {
        timers.deleteEventTimeTimer(known.getTimer());
      }
      if (timer != 0) {
        timers.registerEventTimeTimer(timer);
      }
      known.setTimer(timer);
    }
  }
}
