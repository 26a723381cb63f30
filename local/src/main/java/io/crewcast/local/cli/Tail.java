package io.crewcast.local.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.WireFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tail}: a topic's records as JSON lines. */
@Command(
    name = "tail",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the committed records of a topic as JSON lines, as they come, until Ctrl-C.",
      "What cannot be read is named on standard error and passed over."
    })
final class Tail implements Callable<Integer> {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final GenericData AVRO = new GenericData();

  static {
    AVRO.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
  }

  private final Map<Schema, GenericDatumReader<GenericRecord>> readers = new HashMap<>();

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private Addresses.Kafka kafka = new Addresses.Kafka();
  @Mixin private Addresses.Registry registry = new Addresses.Registry();

  @Parameters(paramLabel = "TOPIC", description = "Such as predictions or worker-features.")
  private String topic = "";

  @Option(names = "--from-beginning", description = "From the oldest record, not only new ones.")
  private boolean fromBeginning;

  @Option(names = "--until-end", description = "Stop at what was the end at the start.")
  private boolean untilEnd;

  @Option(names = "-n", paramLabel = "N", description = "Stop after so many.")
  private long limit = Long.MAX_VALUE;

  @Option(
      names = "--whole",
      description = "Key, partition, offset and time as well, the record under \"value\".")
  private boolean whole;

  @Override
  public Integer call() {
    SchemaRegistry schemas = new SchemaRegistry(registry.url, Duration.ofSeconds(10));
    try (var consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", kafka.bootstrapServers,
                "isolation.level", "read_committed",
                "allow.auto.create.topics", "false",
                "default.api.timeout.ms", "10000"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = partitions(consumer.partitionsFor(topic));
      consumer.assign(partitions);
      if (fromBeginning) {
        consumer.seekToBeginning(partitions);
      } else {
        consumer.seekToEnd(partitions);
      }
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      print(consumer, ends, schemas);
    }
    return 0;
  }

  private void print(
      KafkaConsumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> ends,
      SchemaRegistry schemas) {
    PrintWriter out = spec.commandLine().getOut();
    long printed = 0;
    while (printed < limit
        && !(untilEnd
            && ends.entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue()))) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (printed < limit && print(record, schemas, out)) {
          printed++;
        }
      }
      out.flush();
    }
  }

  private boolean print(
      ConsumerRecord<byte[], byte[]> record, SchemaRegistry schemas, PrintWriter out) {
    ObjectNode value;
    try {
      value = record.value() == null ? null : AvroJson.of(decode(record.value(), schemas));
    } catch (IOException | RuntimeException e) {
      spec.commandLine()
          .getErr()
          .printf(
              "crewcast: %s-%d@%d cannot be read: %s%n",
              topic, record.partition(), record.offset(), Failure.inOneLine(e));
      return false;
    }
    out.println(whole || value == null ? whole(record, value) : value);
    return true;
  }

  private GenericRecord decode(byte[] value, SchemaRegistry schemas) throws IOException {
    OptionalInt id = WireFormat.schemaId(value);
    if (id.isEmpty()) {
      throw new IOException("not in the registry's wire format");
    }
    Schema schema =
        schemas
            .schema(id.getAsInt())
            .orElseThrow(() -> new IOException("the registry has no schema " + id.getAsInt()));
    return readers
        .computeIfAbsent(schema, writer -> new GenericDatumReader<>(writer, writer, AVRO))
        .read(
            null,
            DecoderFactory.get()
                .binaryDecoder(
                    value, WireFormat.HEADER_BYTES, value.length - WireFormat.HEADER_BYTES, null));
  }

  private static ObjectNode whole(
      ConsumerRecord<byte[], byte[]> record, @Nullable ObjectNode value) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("partition", record.partition());
    json.put("offset", record.offset());
    json.put("appended_at", Instant.ofEpochMilli(record.timestamp()).toString());
    json.put("key", record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8));
    json.set("value", value);
    return json;
  }

  private static List<TopicPartition> partitions(@Nullable List<PartitionInfo> infos) {
    if (infos == null || infos.isEmpty()) {
      throw new UnknownTopicOrPartitionException();
    }
    return infos.stream().map(info -> new TopicPartition(info.topic(), info.partition())).toList();
  }
}
