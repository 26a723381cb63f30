package io.crewcast.features.operator;

import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.definition.Hop;
import io.crewcast.features.ledger.CountedBy;
import io.crewcast.features.operator.RecentEntities.Entity;
import io.crewcast.features.window.EntityState;
import io.crewcast.features.window.FeatureWindows;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.Packed;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.NewestFacts;
import io.crewcast.schemas.stream.Visit;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * One visit: updates the entity that a change names and lets the change take the entity's feature
 * vector along. A change that names no entity of this kind passes by. Keyed by entity.
 *
 * <p>A request takes the vector along too, as of the request, and changes nothing.
 *
 * <p>Every vector also goes to {@link #features(EntityType)}, those included that only time has
 * changed. When a live job takes over from a backfill, each entity's vector as it stands goes to
 * {@link #standing(EntityType)}.
 *
 * <p>How new the facts are that were counted goes to {@link #NEWEST_FACTS}, at most once a second.
 */
public final class UpdateFeatures extends KeyedProcessFunction<String, Change, Change>
    implements HoldsBack<Change>, CheckpointedFunction {

  public static final OutputTag<NewestFacts> NEWEST_FACTS =
      new OutputTag<>("newest-facts", new AvroTypeInfo<>(NewestFacts.class));

  /**
   * Expiry timers are spread, so that a million entities do not fire at once: at a full hour
   * windows let go that hop by the hour or the day.
   */
  private static final long SPREAD_AFTER_AN_HOUR_MILLIS = Hop.HOUR.micros() / 2_000;

  /** The fewer that let go in between. */
  private static final long SPREAD_MILLIS = Hop.FIVE_MINUTES.micros() / 2_000;

  /**
   * Those that let go within a day, while all that change are in memory, and so not many: they may
   * change soon, and a change that comes before the timer must let go itself.
   */
  private static final long SPREAD_IN_MEMORY_MILLIS = Duration.ofMinutes(1).toMillis();

  private static final long MICROS_A_MILLI = 1_000;

  private static final long TELL_EVERY_MILLIS = 1_000;

  private final EntityDefinition definition;
  private final Map<EntityType, FeatureSchema> schemas;
  private final OutputTag<FeatureVector> features;
  private final OutputTag<FeatureVector> standing;

  private transient KeyedStateBackend<String> keys;
  private transient long memory;
  private transient KeptLayout layout;
  private transient FeatureWindows windows;
  private transient Readings readings;
  private transient RecentEntities entities;
  private transient Counter expiries;

  /** Whether a timer stands that will tell how new the facts are. */
  private transient boolean tells;

  /**
   * @param definition of the kind of entity that is visited
   * @param schemas of all kinds, to read the vectors of the visits before
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in keyedBy() and initializeState()
  public UpdateFeatures(EntityDefinition definition, Map<EntityType, FeatureSchema> schemas) {
    this.definition = definition;
    this.schemas = schemas;
    this.features = features(definition.entity());
    this.standing = standing(definition.entity());
  }

  /** Where the vectors of one kind of entity go. */
  public static OutputTag<FeatureVector> features(EntityType entity) {
    return vectors(entity, "-features");
  }

  /** Where the vectors go that a live job finds when it takes over from a backfill. */
  public static OutputTag<FeatureVector> standing(EntityType entity) {
    return vectors(entity, "-standing");
  }

  private static OutputTag<FeatureVector> vectors(EntityType entity, String what) {
    return new OutputTag<>(
        FeatureSchema.nameOf(entity) + what, new AvroTypeInfo<>(FeatureVector.class));
  }

  @Override
  public void keyedBy(KeyedStateBackend<String> backend, long bytes) {
    keys = backend;
    memory = bytes;
  }

  /** Learns what the state holds, and refuses a definition that it does not fit. */
  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    layout = KeptLayout.of(context.getOperatorStateStore(), definition);
    windows = new FeatureWindows(definition, layout.layout());
    windows.newestFacts().putAll(layout.newestFacts());
    readings = new Readings(definition, layout.layout());
    entities =
        new RecentEntities(
            keys,
            memory,
            context.getKeyedStateStore(),
            known -> known == null ? windows.unknown() : windows.align(known));
    expiries = getRuntimeContext().getMetricGroup().counter("expiries");
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    entities.write();
    layout.snapshot(windows.newestFacts());
  }

  @Override
  public void processElement(Change change, Context context, Collector<Change> out)
      throws Exception {
    String entityId = Keys.entityId(change, definition.entity());
    if (entityId != null) {
      FeatureVector vector =
          FactKind.of(Keys.fact(change).getEvent()).changesEntities()
              ? update(change, entityId, context)
              : readings.vector(change, entityId, entities.current());
      if (vector != null) {
        change.getVisits().add(new Visit(definition.entity(), entityId, Packed.vector(vector)));
      }
    }
    out.collect(change);
  }

  private @Nullable FeatureVector update(Change change, String entityId, Context context)
      throws Exception {
    Fact retracted = counted(change.getRetracted());
    Fact applied = counted(change.getApplied());
    if (retracted == null && applied == null) {
      return null;
    }
    Entity entity = entities.current();
    Fact fact = applied == null ? Objects.requireNonNull(retracted) : applied;
    layout.saw(change.getApplied());
    layout.saw(change.getRetracted());
    windows.change(
        entity.state(),
        entity,
        Instants.micros(change.getRecordedAt()),
        retracted,
        applied,
        visited(change));
    FeatureVector vector =
        vector(entity, fact.getEvent().getCompanyId(), entityId, change.getEventId(), fact);
    arm(entity, context.timerService(), context.getCurrentKey());
    entities.changed(entity);
    if (!tells) {
      TimerService timers = context.timerService();
      timers.registerProcessingTimeTimer(timers.currentProcessingTime() + TELL_EVERY_MILLIS);
      tells = true;
    }
    context.output(features, vector);
    return vector;
  }

  /** The version, unless it came to stand before this kind of entity was kept. */
  private @Nullable Fact counted(@Nullable Fact version) {
    return version != null && CountedBy.has(version, definition.entity()) ? version : null;
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Change> out)
      throws Exception {
    if (context.timeDomain() == TimeDomain.PROCESSING_TIME) {
      context.output(NEWEST_FACTS, newestFacts());
      tells = false;
      return;
    }
    if (context.timerService().currentWatermark() == Long.MAX_VALUE) {
      return; // the input has ended: state stays as of the last event
    }
    Entity entity = entities.current();
    EntityState state = entity.state();
    state.setTimer(0);
    String key = context.getCurrentKey();
    for (long next = windows.nextExpiry(state);
        next <= timestamp * MICROS_A_MILLI;
        next = windows.nextExpiry(state)) {
      if (windows.expire(state, entity, Math.max(next, state.entityTime() + 1))) {
        expiries.inc();
        context.output(features, vector(entity, key));
      }
    }
    arm(entity, context.timerService(), key);
    entities.expired(entity);
  }

  @Override
  public void handOut(Output<StreamRecord<Change>> out) throws Exception {
    entities.write();
    keys.applyToAllKeys(
        VoidNamespace.INSTANCE,
        VoidNamespaceSerializer.INSTANCE,
        RecentEntities.STATE,
        (key, ofKey) -> {
          FeatureVector vector = vector(entities.current(), key);
          out.collect(standing, new StreamRecord<>(vector, vector.getAsOf().toEpochMilli()));
        });
    out.collect(NEWEST_FACTS, new StreamRecord<>(newestFacts()));
  }

  private NewestFacts newestFacts() {
    return new NewestFacts(definition.entity(), Map.copyOf(windows.newestFacts()));
  }

  /** As time left it, with no event. */
  private FeatureVector vector(Entity entity, String key) {
    int colon = key.indexOf(':');
    return vector(entity, key.substring(0, colon), key.substring(colon + 1), null, null);
  }

  private FeatureVector vector(
      Entity entity,
      String companyId,
      String entityId,
      @Nullable String eventId,
      @Nullable Fact event) {
    return new FeatureVector(
        definition.entity(),
        companyId,
        entityId,
        Instants.ofMicros(entity.state().entityTime()),
        entity.state().sequence(),
        eventId,
        windows.vector(entity.state(), entity, event));
  }

  /** One timer a key, at its next expiry: only idle entities need it. */
  private void arm(Entity entity, TimerService timers, String key) {
    EntityState state = entity.state();
    long next = windows.nextExpiry(state);
    if (next == Long.MAX_VALUE) {
      return;
    }
    boolean soon =
        entity.isRecent() && !entities.isFull() && next - state.entityTime() < Hop.DAY.micros();
    boolean fullHour = Hop.HOUR.floor(next) == next;
    long spread =
        soon ? SPREAD_IN_MEMORY_MILLIS : fullHour ? SPREAD_AFTER_AN_HOUR_MILLIS : SPREAD_MILLIS;
    long phase = Math.floorMod(key.hashCode() * 0x9E3779B9L, spread);
    long at = Math.floorDiv(next, MICROS_A_MILLI) + 1 + phase;
    if (state.timer() == 0 || at < state.timer()) {
      if (state.timer() != 0) {
        timers.deleteEventTimeTimer(state.timer());
      }
      timers.registerEventTimeTimer(at);
      state.setTimer(at);
    }
  }

  /** Values of the entities visited before, by {@code entity.column}. */
  private Function<String, @Nullable Object> visited(Change change) {
    Map<String, FeatureVector> unpacked = new HashMap<>();
    return name -> {
      int dot = name.indexOf('.');
      String entity = name.substring(0, dot);
      for (Visit visit : change.getVisits()) {
        if (FeatureSchema.nameOf(visit.getEntity()).equals(entity)) {
          FeatureSchema schema = Objects.requireNonNull(schemas.get(visit.getEntity()));
          return unpacked
              .computeIfAbsent(entity, e -> Packed.vector(visit.getVector()))
              .getValues()
              .get(schema.indexOf(name.substring(dot + 1)));
        }
      }
      return null;
    };
  }
}
