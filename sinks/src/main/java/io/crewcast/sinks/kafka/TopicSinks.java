package io.crewcast.sinks.kafka;

import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.serde.RecordEncoder;
import io.crewcast.schemas.serde.RecordKey;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.util.function.SerializableFunction;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes the sinks of topics. Making one registers its schema, so that a schema which the registry
 * refuses stops a job before it starts.
 *
 * @param bootstrapServers of the Kafka cluster
 * @param registry that schemas are registered with
 * @param delivery exactly once (transactions, seen after a checkpoint) or at least once (at once;
 *     repeats after a failure)
 * @param transactionalIdPrefix stable over restarts of one deployment and of no other; each topic
 *     appends its name
 */
public record TopicSinks(
    String bootstrapServers,
    SchemaRegistry registry,
    DeliveryGuarantee delivery,
    String transactionalIdPrefix) {

  /** As long as a broker allows by default; a checkpoint must not take longer. */
  private static final Duration TRANSACTION_TIMEOUT = Duration.ofMinutes(15);

  /** Under load records go together; alone, one waits no longer than this. */
  private static final Duration LINGER = Duration.ofMillis(10);

  /** Feature rows are many, and who needs them at once reads Redis. */
  private static final Duration FEATURES_LINGER = Duration.ofMillis(50);

  private static final String BATCH_BYTES = "131072";

  /** A sink of records of the topic's own schema under a text key. */
  public <T extends IndexedRecord> KafkaSink<T> of(
      Topic topic, SerializableFunction<T, String> key) {
    return sink(topic, topic.schema().orElseThrow(), LINGER, utf8(key), record -> record);
  }

  /** A sink of the rows of one kind of entity, of the schema that its feature file gives. */
  public KafkaSink<FeatureVector> ofFeatures(FeatureSchema features) {
    Schema schema = features.avro();
    return sink(
        Topic.featuresOf(features.entity()),
        schema,
        FEATURES_LINGER,
        utf8(RecordKey::of),
        vector -> features.row(vector, schema));
  }

  /** A sink of dead letters, under the keys that their records had. */
  public KafkaSink<DeadLetter> ofDeadLetters() {
    return sink(
        Topic.DEAD_LETTERS,
        DeadLetter.getClassSchema(),
        LINGER,
        letter -> letter.getKey() == null ? null : bytes(letter.getKey()),
        letter -> letter);
  }

  private <T> KafkaSink<T> sink(
      Topic topic,
      Schema schema,
      Duration linger,
      SerializableFunction<T, byte @Nullable []> key,
      SerializableFunction<T, ? extends IndexedRecord> record) {
    String name = topic.topicName();
    RecordEncoder encoder = RecordEncoder.of(topic, schema, registry);
    var sink =
        KafkaSink.<T>builder()
            .setBootstrapServers(bootstrapServers)
            .setDeliveryGuarantee(delivery)
            .setProperty(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd")
            .setProperty(
                "register.producer.metrics",
                "false") // a hundred a producer; Flink counts records and bytes
            .setProperty(ProducerConfig.LINGER_MS_CONFIG, Long.toString(linger.toMillis()))
            .setProperty(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES)
            .setProperty(
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                Long.toString(TRANSACTION_TIMEOUT.toMillis()))
            .setRecordSerializer(
                (element, context, timestamp) ->
                    new ProducerRecord<>(
                        name, key.apply(element), encoder.encode(record.apply(element))));
    if (delivery == DeliveryGuarantee.EXACTLY_ONCE) {
      sink.setTransactionalIdPrefix(transactionalIdPrefix + '-' + name);
    }
    return sink.build();
  }

  private static <T> SerializableFunction<T, byte @Nullable []> utf8(
      SerializableFunction<T, String> key) {
    return element -> key.apply(element).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
