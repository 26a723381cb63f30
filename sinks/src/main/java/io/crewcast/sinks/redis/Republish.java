package io.crewcast.sinks.redis;

import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.serde.RecordDecoder;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.serde.UnreadableException;
import io.crewcast.sinks.kafka.TopicRecords;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes again to Redis what topics hold: what a Redis that came back empty had before. The topics
 * of features are compacted and have every entity's newest row; that of predictions goes back as
 * far as it is kept. A job may run beside it: of two rows the newer stands, whoever wrote it first.
 *
 * @param bootstrapServers of the Kafka cluster
 * @param faults is told, a line each, of what cannot be read
 */
public record Republish(
    String bootstrapServers, SchemaRegistry registry, OnlineStore store, Consumer<String> faults) {

  /**
   * What was done.
   *
   * @param read records of the topic
   * @param landed rows that stand, or stood until a newer one came; others were older
   */
  public record Outcome(long read, long landed) {}

  private interface Decoded<T> {
    T from(byte[] value) throws UnreadableException;
  }

  /**
   * Fails now rather than waits if Redis does not answer.
   *
   * @throws redis.clients.jedis.exceptions.JedisException if so
   */
  public void check() {
    store.address().connect().close();
  }

  /** The newest row of every entity of one kind, up to where its topic ends now. */
  public Outcome features(FeatureSchema schema) throws InterruptedException {
    RecordDecoder<IndexedRecord> decoder = RecordDecoder.generic(schema.avro(), registry);
    return write(
        Topic.featuresOf(schema.entity()),
        value -> vector(schema, decoder.decode(value)),
        new FeatureViews(List.of(schema), store.timeToLive()));
  }

  /**
   * What models last said of entities, as far as the topic goes back.
   *
   * @param tasksTimeToLive as of {@link OnlineSink#ofPredictions}
   */
  public Outcome predictions(Collection<PredictionSchema> schemas, Duration tasksTimeToLive)
      throws InterruptedException {
    RecordDecoder<Prediction> decoder = RecordDecoder.of(Prediction.class, registry);
    return write(
        Topic.PREDICTIONS,
        decoder::decode,
        new PredictionViews(schemas, store.timeToLive(), tasksTimeToLive));
  }

  private <T> Outcome write(Topic topic, Decoded<T> decoded, OnlineView<T> view)
      throws InterruptedException {
    var landed = new Landed();
    Map<String, T> waiting = new LinkedHashMap<>();
    long read = 0;
    try (var records = new TopicRecords(bootstrapServers, topic);
        var redis = new OnlineWrites<>(store.address(), view, landed)) {
      while (!records.atEnd()) {
        for (ConsumerRecord<byte[], byte[]> record : records.poll()) {
          read++;
          T element = decode(record, decoded);
          String identity = element == null ? null : view.identity(element);
          if (element != null && identity != null) {
            waiting.merge(identity, element, view::newer);
          }
          if (waiting.size() >= store.batch()) {
            redis.write(waiting.values());
            waiting.clear();
          }
        }
      }
      redis.write(waiting.values());
    }
    return new Outcome(read, landed.count);
  }

  private <T> @Nullable T decode(ConsumerRecord<byte[], byte[]> record, Decoded<T> decoded) {
    if (record.value() == null) {
      return null; // deleted
    }
    try {
      return decoded.from(record.value());
    } catch (UnreadableException e) {
      faults.accept(
          "%s-%d@%d is passed over: %s"
              .formatted(record.topic(), record.partition(), record.offset(), e.getMessage()));
      return null;
    }
  }

  /** The vector of which {@link FeatureSchema#row} made a row. */
  private static FeatureVector vector(FeatureSchema schema, IndexedRecord row) {
    int field = 0;
    String companyId = row.get(field++).toString();
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < schema.idFields().size(); i++) {
      ids.add(row.get(field++).toString());
    }
    Instant asOf = (Instant) row.get(field++);
    long sequence = (Long) row.get(field++);
    Object eventId = row.get(field++);
    List<@Nullable Object> values = new ArrayList<>(schema.columns().size());
    for (int i = 0; i < schema.columns().size(); i++) {
      Object value = row.get(field + i);
      values.add(value instanceof Instant instant ? Instants.micros(instant) : value);
    }
    return FeatureVector.newBuilder()
        .setEntity(schema.entity())
        .setCompanyId(companyId)
        .setEntityId(FeatureSchema.entityId(schema.entity(), ids))
        .setAsOf(asOf)
        .setSequence(sequence)
        .setEventId(eventId == null ? null : eventId.toString())
        .setValues(values)
        .build();
  }

  private static final class Landed implements OnlineWrites.Watch {
    private long count;

    @Override
    public void answered(int rows, long nanos) {}

    @Override
    public void taken(boolean newest) {
      count += newest ? 1 : 0;
    }

    @Override
    public void retried() {}
  }
}
