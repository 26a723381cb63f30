package io.crewcast.local.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.serde.Compatibility;
import io.crewcast.schemas.serde.Topic;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;

/**
 * All topics as an <a href="https://www.asyncapi.com/docs/reference/specification/v3.0.0">AsyncAPI
 * 3.0</a> document: addresses, keys, what Crewcast does with each, and the Avro schema of its
 * values.
 */
public final class AsyncApiDocument {

  private static final String BINDING_VERSION = "0.5.0";
  private static final long FOR_EVER = -1;

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
          .disable(YAMLGenerator.Feature.SPLIT_LINES)
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .build();

  private AsyncApiDocument() {}

  /**
   * The document.
   *
   * @param features columns of each kind of entity, whose topics have a schema of them
   */
  public static String yaml(Map<EntityType, FeatureSchema> features) {
    Map<String, Object> channels = new LinkedHashMap<>();
    Map<String, Object> operations = new LinkedHashMap<>();
    Map<String, Object> messages = new LinkedHashMap<>();
    for (Topic topic : Topic.values()) {
      Optional<Schema> schema = schema(topic, features);
      if (schema.isPresent()) {
        String message = schema.get().getName();
        channels.put(topic.topicName(), channel(topic, message));
        operations.put(
            (isRead(topic) ? "receive-" : "send-") + topic.topicName(), operation(topic));
        messages.put(message, message(topic, schema.get()));
      }
    }
    try {
      return YAML.writeValueAsString(
          object(
              "asyncapi",
              "3.0.0",
              "info",
              info(),
              "defaultContentType",
              "application/vnd.apache.avro",
              "servers",
              object("local", server()),
              "channels",
              channels,
              "operations",
              operations,
              "components",
              object("messages", messages)));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Object> info() {
    return object(
        "title",
        "Crewcast",
        "version",
        "0.1.0",
        "description",
        "Live features and live scores from the events of a work-management platform. Values"
            + " are Avro in the Confluent wire format: a zero byte, the schema's id in the"
            + " registry in four bytes, the record.",
        "license",
        object("name", "Apache 2.0", "url", "https://www.apache.org/licenses/LICENSE-2.0"));
  }

  private static Map<String, Object> server() {
    return object(
        "host",
        "127.0.0.1:9092",
        "protocol",
        "kafka",
        "description",
        "Where ./crewcast up starts it",
        "bindings",
        kafka(
            "schemaRegistryUrl",
            "http://127.0.0.1:8085/apis/ccompat/v7",
            "schemaRegistryVendor",
            "confluent"));
  }

  private static Map<String, Object> channel(Topic topic, String message) {
    Map<String, Object> settings =
        topic.compacted()
            ? object("cleanup.policy", List.of("compact"))
            : object(
                "cleanup.policy",
                List.of("delete"),
                "retention.ms",
                topic.retention().map(Duration::toMillis).orElse(FOR_EVER));
    return object(
        "address",
        topic.topicName(),
        "messages",
        object(message, ref("#/components/messages/" + message)),
        "bindings",
        kafka(
            "topic", topic.topicName(),
            "partitions", topic.partitions(),
            "topicConfiguration", settings));
  }

  private static Map<String, Object> operation(Topic topic) {
    return object(
        "action",
        isRead(topic) ? "receive" : "send",
        "channel",
        ref("#/channels/" + topic.topicName()),
        "description",
        "Registry subject %s, %s%s"
            .formatted(
                topic.subject(),
                topic.compatibility(),
                topic.table().map(", kept in the lake as "::concat).orElse("")));
  }

  private static Map<String, Object> message(Topic topic, Schema schema) {
    return object(
        "name",
        schema.getName(),
        "title",
        String.valueOf(schema.getDoc()),
        "payload",
        object(
            "schemaFormat",
            "application/vnd.apache.avro+json;version=1.9.0",
            "schema",
            avro(schema)),
        "bindings",
        kafka(
            "key", object("type", "string", "description", topic.key()),
            "schemaIdLocation", "payload",
            "schemaIdPayloadEncoding", "confluent"));
  }

  private static JsonNode avro(Schema schema) {
    try {
      JsonNode json = new ObjectMapper().readTree(schema.toString());
      json.findParents("avro.java.string") // says something to Java alone
          .forEach(parent -> ((ObjectNode) parent).remove("avro.java.string"));
      return json;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<Schema> schema(Topic topic, Map<EntityType, FeatureSchema> features) {
    return topic
        .schema()
        .or(
            () ->
                features.values().stream()
                    .filter(schema -> Topic.featuresOf(schema.entity()) == topic)
                    .findFirst()
                    .map(FeatureSchema::avro));
  }

  /** Crewcast holds what it reads to another compatibility than what it writes. */
  private static boolean isRead(Topic topic) {
    return topic.compatibility() == Compatibility.BACKWARD_TRANSITIVE;
  }

  private static Map<String, Object> ref(String pointer) {
    return object("$ref", pointer);
  }

  private static Map<String, Object> kafka(Object... namesAndValues) {
    Map<String, Object> binding = object(namesAndValues);
    binding.put("bindingVersion", BINDING_VERSION);
    return object("kafka", binding);
  }

  private static Map<String, Object> object(Object... namesAndValues) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      object.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return object;
  }
}
