package io.crewcast.features.operator;

import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.definition.FactSource;
import io.crewcast.features.definition.Feature;
import io.crewcast.schemas.Alert;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.state.WatchedFacts;
import io.crewcast.schemas.stream.NewestFacts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Watches how old the newest fact behind each feature is, over all tasks of the job, and is
 * therefore one task itself. It says so in a metric a feature, and alerts when the facts of a
 * source exceed their {@code fresh_within} and when that is over.
 *
 * <p>Age goes by the clock of the machine, so that silence is noticed too.
 */
public final class WatchFreshness extends AbstractStreamOperator<Alert>
    implements OneInputStreamOperator<NewestFacts, Alert> {

  private static final ListStateDescriptor<WatchedFacts> WATCHED =
      new ListStateDescriptor<>("watched", new AvroTypeInfo<>(WatchedFacts.class));

  private static final long EVERY_MILLIS = 1_000;
  private static final long MICROS_A_MILLI = 1_000;

  private final List<EntityDefinition> definitions;

  private transient ListState<WatchedFacts> kept;
  private transient Map<String, Freshness> watched;

  @SuppressWarnings("NullAway.Init") // transient fields are set in initializeState()
  public WatchFreshness(List<EntityDefinition> definitions) {
    this.definitions = definitions;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    kept = context.getOperatorStateStore().getListState(WATCHED);
    watched = new LinkedHashMap<>();
    for (EntityDefinition definition : definitions) {
      MetricGroup metrics = getMetricGroup().addGroup("entity", definition.name());
      for (Feature feature : definition.features()) {
        FactSource source = feature.source();
        Freshness facts =
            watched.computeIfAbsent(
                subject(definition.name(), source.name()),
                subject -> new Freshness(subject, definition.freshWithin(source), nowMicros()));
        facts.isBehind(feature.name());
        metrics
            .addGroup("feature", feature.name())
            .gauge("newestFactAgeSeconds", (Gauge<Double>) () -> facts.ageSeconds(nowMicros()));
      }
    }
    for (WatchedFacts state : kept.get()) {
      Freshness facts = watched.get(state.getSubject());
      if (facts == null && state.getAlertId() != null) {
        // what is not defined any more is not late: its alert is over
        facts = new Freshness(state.getSubject(), null, nowMicros());
        watched.put(state.getSubject(), facts);
      }
      if (facts != null) {
        facts.restore(state);
      }
    }
  }

  private static String subject(String entity, String source) {
    return entity + '.' + source;
  }

  @Override
  public void open() throws Exception {
    super.open();
    var unused = getProcessingTimeService().scheduleWithFixedDelay(now -> check(), 0, EVERY_MILLIS);
  }

  @Override
  public void processElement(StreamRecord<NewestFacts> element) {
    NewestFacts newest = element.getValue();
    String entity = FeatureSchema.nameOf(newest.getEntity());
    newest
        .getRecordedAt()
        .forEach(
            (source, recordedAt) -> {
              Freshness facts = watched.get(subject(entity, source));
              if (facts != null) {
                facts.counted(recordedAt);
              }
            });
  }

  private void check() {
    for (Freshness facts : watched.values()) {
      Alert alert = facts.check(nowMicros());
      if (alert != null) {
        output.collect(new StreamRecord<>(alert));
      }
    }
  }

  private long nowMicros() {
    return getProcessingTimeService().getCurrentProcessingTime() * MICROS_A_MILLI;
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    kept.update(watched.values().stream().map(Freshness::state).toList());
  }
}
