package io.crewcast.features.operator;

import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.definition.Hop;
import io.crewcast.features.window.DayPage;
import io.crewcast.features.window.EntityState;
import io.crewcast.features.window.EntityStore;
import io.crewcast.features.window.Entries;
import io.crewcast.features.window.FeatureWindows;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.Packed;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.NewestFacts;
import io.crewcast.schemas.stream.Visit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
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
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * One visit: updates the entity that a change names and lets the change take the entity's feature
 * vector along. A change that names no entity of this kind passes by. Keyed by entity.
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

  private static final ValueStateDescriptor<EntityState> STATE =
      new ValueStateDescriptor<>("header", PackedSerializer.OfState.INSTANCE);

  /**
   * Expiry timers are spread over half a hop, so that a million entities do not fire at once: at a
   * full hour windows let go that hop by the hour or the day, in between those of five minutes.
   */
  private static final long SPREAD_AFTER_AN_HOUR_MILLIS = Hop.HOUR.micros() / 2_000;

  private static final long SPREAD_MILLIS = Hop.FIVE_MINUTES.micros() / 2_000;

  private static final long MICROS_A_MILLI = 1_000;

  private static final long TELL_EVERY_MILLIS = 1_000;

  private final EntityDefinition definition;
  private final Map<EntityType, FeatureSchema> schemas;
  private final OutputTag<FeatureVector> features;
  private final OutputTag<FeatureVector> standing;

  private transient KeptLayout layout;
  private transient FeatureWindows windows;
  private transient ValueState<EntityState> states;
  private transient EntityStore store;
  private transient Counter expiries;

  /** Whether a timer stands that will tell how new the facts are. */
  private transient boolean tells;

  /**
   * @param definition of the kind of entity that is visited
   * @param schemas of all kinds, to read the vectors of the visits before
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in initializeState()
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

  /** Learns what the state holds, and refuses a definition that it does not fit. */
  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    layout = KeptLayout.of(context.getOperatorStateStore(), definition);
    windows = new FeatureWindows(definition, layout.layout());
    windows.newestFacts().putAll(layout.newestFacts());
    KeyedStateStore keyed = context.getKeyedStateStore();
    states = keyed.getState(STATE);
    store =
        new KeyedStore(
            keyed.getMapState(
                new MapStateDescriptor<>(
                    "pages", LongSerializer.INSTANCE, PackedSerializer.OfPage.INSTANCE)),
            keyed.getMapState(
                new MapStateDescriptor<>(
                    "buckets", LongSerializer.INSTANCE, PackedSerializer.OfEntries.INSTANCE)));
    expiries = getRuntimeContext().getMetricGroup().counter("expiries");
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    layout.snapshot(windows.newestFacts());
  }

  @Override
  public void processElement(Change change, Context context, Collector<Change> out)
      throws Exception {
    String entityId = Keys.entityId(change, definition.entity());
    if (entityId == null) {
      out.collect(change);
      return;
    }
    EntityState state = state();
    Fact fact = Keys.fact(change);
    layout.saw(change.getApplied());
    layout.saw(change.getRetracted());
    windows.change(
        state,
        store,
        Instants.micros(change.getRecordedAt()),
        change.getRetracted(),
        change.getApplied(),
        visited(change));
    FeatureVector vector =
        vector(state, fact.getEvent().getCompanyId(), entityId, change.getEventId(), fact);
    arm(state, context.timerService(), context.getCurrentKey());
    states.update(state);
    if (!tells) {
      TimerService timers = context.timerService();
      timers.registerProcessingTimeTimer(timers.currentProcessingTime() + TELL_EVERY_MILLIS);
      tells = true;
    }
    context.output(features, vector);
    change.getVisits().add(new Visit(definition.entity(), entityId, Packed.vector(vector)));
    out.collect(change);
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
    EntityState state = state();
    state.setTimer(0);
    String key = context.getCurrentKey();
    for (long next = windows.nextExpiry(state);
        next <= timestamp * MICROS_A_MILLI;
        next = windows.nextExpiry(state)) {
      if (windows.expire(state, store, Math.max(next, state.entityTime() + 1))) {
        expiries.inc();
        context.output(features, vector(state, key));
      }
    }
    arm(state, context.timerService(), key);
    states.update(state);
  }

  @Override
  public void handOut(KeyedStateBackend<String> keys, Output<StreamRecord<Change>> out)
      throws Exception {
    keys.applyToAllKeys(
        VoidNamespace.INSTANCE,
        VoidNamespaceSerializer.INSTANCE,
        STATE,
        (String key, ValueState<EntityState> ofKey) -> {
          FeatureVector vector = vector(state(), key);
          out.collect(standing, new StreamRecord<>(vector, vector.getAsOf().toEpochMilli()));
        });
    out.collect(NEWEST_FACTS, new StreamRecord<>(newestFacts()));
  }

  private NewestFacts newestFacts() {
    return new NewestFacts(definition.entity(), Map.copyOf(windows.newestFacts()));
  }

  private EntityState state() throws IOException {
    EntityState known = states.value();
    return known == null ? windows.unknown() : windows.align(known);
  }

  /** As time left it, with no event. */
  private FeatureVector vector(EntityState state, String key) {
    int colon = key.indexOf(':');
    return vector(state, key.substring(0, colon), key.substring(colon + 1), null, null);
  }

  private FeatureVector vector(
      EntityState state,
      String companyId,
      String entityId,
      @Nullable String eventId,
      @Nullable Fact event) {
    return new FeatureVector(
        definition.entity(),
        companyId,
        entityId,
        Instants.ofMicros(state.entityTime()),
        state.sequence(),
        eventId,
        windows.vector(state, store, event));
  }

  /** One timer a key, at its next expiry: only idle entities need it. */
  private void arm(EntityState state, TimerService timers, String key) {
    long next = windows.nextExpiry(state);
    if (next == Long.MAX_VALUE) {
      return;
    }
    boolean fullHour = Hop.HOUR.floor(next) == next;
    long spread = fullHour ? SPREAD_AFTER_AN_HOUR_MILLIS : SPREAD_MILLIS;
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

  /** The state of the entity at hand. */
  private record KeyedStore(MapState<Long, DayPage> pages, MapState<Long, Entries> buckets)
      implements EntityStore {

    private interface Access<T> {
      T run() throws Exception;
    }

    private interface Write {
      void run() throws Exception;
    }

    @Override
    public @Nullable DayPage page(long id) {
      return of(() -> pages.get(id));
    }

    @Override
    public void putPage(long id, DayPage page) {
      write(() -> pages.put(id, page));
    }

    @Override
    public void removePage(long id) {
      write(() -> pages.remove(id));
    }

    @Override
    public @Nullable Entries bucket(long id) {
      return of(() -> buckets.get(id));
    }

    @Override
    public void putBucket(long id, Entries entries) {
      write(() -> buckets.put(id, entries));
    }

    @Override
    public void removeBucket(long id) {
      write(() -> buckets.remove(id));
    }

    private static void write(Write write) {
      of(
          () -> {
            write.run();
            return true;
          });
    }

    private static <T extends @Nullable Object> T of(Access<T> access) {
      try {
        return access.run();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (Exception e) {
        throw new FlinkRuntimeException("state of an entity cannot be read or written", e);
      }
    }
  }
}
