package io.crewcast.features.operator;

import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.window.EntityStore;
import io.crewcast.features.window.FeatureWindows;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.Packed;
import io.crewcast.schemas.state.EntityHeader;
import io.crewcast.schemas.state.TilePage;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.Visit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.streaming.api.TimerService;
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
 */
public final class UpdateFeatures extends KeyedProcessFunction<String, Change, Change>
    implements HoldsBack<Change> {

  private static final ValueStateDescriptor<EntityHeader> HEADER =
      new ValueStateDescriptor<>("header", PackedSerializer.OfHeader.INSTANCE);

  /** Expiry timers are spread over this time, so that a million entities do not fire at once. */
  private static final long SPREAD_MILLIS = 300_000;

  private static final long MICROS_A_MILLI = 1_000;

  private final EntityDefinition definition;
  private final Map<EntityType, FeatureSchema> schemas;
  private final OutputTag<FeatureVector> features;
  private final OutputTag<FeatureVector> standing;

  private transient FeatureWindows windows;
  private transient ValueState<EntityHeader> headers;
  private transient EntityStore store;
  private transient Counter expiries;

  /**
   * @param definition of the kind of entity that is visited
   * @param schemas of all kinds, to read the vectors of the visits before
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
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
  public void open(OpenContext context) {
    windows = new FeatureWindows(definition);
    headers = getRuntimeContext().getState(HEADER);
    store =
        new KeyedStore(
            getRuntimeContext()
                .getMapState(
                    new MapStateDescriptor<>(
                        "pages", LongSerializer.INSTANCE, PackedSerializer.OfPage.INSTANCE)),
            getRuntimeContext()
                .getMapState(
                    new MapStateDescriptor<>(
                        "sums", StringSerializer.INSTANCE, PackedSerializer.OfSums.INSTANCE)));
    expiries = getRuntimeContext().getMetricGroup().counter("expiries");
  }

  @Override
  public void processElement(Change change, Context context, Collector<Change> out)
      throws Exception {
    String entityId = Keys.entityId(change, definition.entity());
    if (entityId == null) {
      out.collect(change);
      return;
    }
    EntityHeader header = header();
    Fact fact = Keys.fact(change);
    windows.change(
        header,
        store,
        Instants.micros(change.getRecordedAt()),
        change.getRetracted(),
        change.getApplied(),
        visited(change));
    FeatureVector vector =
        vector(header, fact.getEvent().getCompanyId(), entityId, change.getEventId(), fact);
    arm(header, context.timerService(), context.getCurrentKey());
    headers.update(header);
    context.output(features, vector);
    change.getVisits().add(new Visit(definition.entity(), entityId, Packed.vector(vector)));
    out.collect(change);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Change> out)
      throws Exception {
    if (context.timerService().currentWatermark() == Long.MAX_VALUE) {
      return; // the input has ended: state stays as of the last event
    }
    EntityHeader header = header();
    header.setTimer(0);
    String key = context.getCurrentKey();
    for (long next = windows.nextExpiry(header);
        next <= timestamp * MICROS_A_MILLI;
        next = windows.nextExpiry(header)) {
      if (windows.expire(header, store, Math.max(next, header.getEntityTime() + 1))) {
        expiries.inc();
        context.output(features, vector(header, key));
      }
    }
    arm(header, context.timerService(), key);
    headers.update(header);
  }

  @Override
  public void handOut(KeyedStateBackend<String> keys, Output<StreamRecord<Change>> out)
      throws Exception {
    keys.applyToAllKeys(
        VoidNamespace.INSTANCE,
        VoidNamespaceSerializer.INSTANCE,
        HEADER,
        (String key, ValueState<EntityHeader> ofKey) -> {
          FeatureVector vector = vector(header(), key);
          out.collect(standing, new StreamRecord<>(vector, vector.getAsOf().toEpochMilli()));
        });
  }

  private EntityHeader header() throws IOException {
    EntityHeader header = headers.value();
    return header == null ? windows.unknown() : windows.align(header);
  }

  /** As time left it, with no event. */
  private FeatureVector vector(EntityHeader header, String key) {
    int colon = key.indexOf(':');
    return vector(header, key.substring(0, colon), key.substring(colon + 1), null, null);
  }

  private FeatureVector vector(
      EntityHeader header,
      String companyId,
      String entityId,
      @Nullable String eventId,
      @Nullable Fact event) {
    return new FeatureVector(
        definition.entity(),
        companyId,
        entityId,
        Instants.ofMicros(header.getEntityTime()),
        header.getSequence(),
        eventId,
        windows.vector(header, store, event));
  }

  /** One timer a key, at its next expiry: only idle entities need it. */
  private void arm(EntityHeader header, TimerService timers, String key) {
    long next = windows.nextExpiry(header);
    if (next == Long.MAX_VALUE) {
      return;
    }
    long phase = Math.floorMod(key.hashCode() * 0x9E3779B9L, SPREAD_MILLIS);
    long at = Math.floorDiv(next, MICROS_A_MILLI) + 1 + phase;
    if (header.getTimer() == 0 || at < header.getTimer()) {
      if (header.getTimer() != 0) {
        timers.deleteEventTimeTimer(header.getTimer());
      }
      timers.registerEventTimeTimer(at);
      header.setTimer(at);
    }
  }

  /** Values of the entities visited before, by {@code entity.column}. */
  private Function<String, @Nullable Object> visited(Change change) {
    return name -> {
      int dot = name.indexOf('.');
      for (Visit visit : change.getVisits()) {
        if (FeatureSchema.nameOf(visit.getEntity()).equals(name.substring(0, dot))) {
          FeatureSchema schema = Objects.requireNonNull(schemas.get(visit.getEntity()));
          return Packed.vector(visit.getVector())
              .getValues()
              .get(schema.indexOf(name.substring(dot + 1)));
        }
      }
      return null;
    };
  }

  /** The state of the entity at hand. */
  private record KeyedStore(MapState<Long, TilePage> pages, MapState<String, List<Long>> keyed)
      implements EntityStore {

    private interface Access<T> {
      T run() throws Exception;
    }

    @Override
    public @Nullable TilePage page(long id) {
      return of(() -> pages.get(id));
    }

    @Override
    public void putPage(long id, TilePage page) {
      of(
          () -> {
            pages.put(id, page);
            return true;
          });
    }

    @Override
    public void removePage(long id) {
      of(
          () -> {
            pages.remove(id);
            return true;
          });
    }

    @Override
    public @Nullable List<Long> sums(String key) {
      return of(() -> keyed.get(key));
    }

    @Override
    public void putSums(String key, List<Long> sums) {
      of(
          () -> {
            keyed.put(key, sums);
            return true;
          });
    }

    @Override
    public void removeSums(String key) {
      of(
          () -> {
            keyed.remove(key);
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
