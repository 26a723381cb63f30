package io.crewcast.schemas.serde;

import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.RestService;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaString;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schema registry, by Confluent's API. A registry that cannot be reached is asked again, ever
 * more seldom, until {@code patience} is spent; then {@link RegistryUnreachableException}. Schemas
 * by id are kept; that an id is unknown is remembered for ten seconds.
 */
public final class SchemaRegistry implements Serializable {

  private static final Logger LOG = LoggerFactory.getLogger(SchemaRegistry.class);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration UNKNOWN_FOR = Duration.ofSeconds(10);
  private static final int HTTP_TIMEOUT_MILLIS = 10_000;
  private static final int UNKNOWN_IDS_KEPT = 10_000;
  private static final int SUBJECT_OR_SCHEMA_NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  /** The registry's own codes for what it does not know begin with 404. */
  private static final int CODES_PER_STATUS = 100;

  private final String url;
  private final Duration patience;
  private transient @Nullable RestService client;
  private transient @Nullable Map<Integer, Schema> known;
  private transient @Nullable Map<Integer, Long> unknownUntilNanos;

  /** A registry at {@code url}, asked for up to a minute. */
  public SchemaRegistry(String url) {
    this(url, PATIENCE);
  }

  /** A registry at {@code url}, asked for up to {@code patience} when it does not answer. */
  public SchemaRegistry(String url, Duration patience) {
    this.url = url;
    this.patience = patience;
  }

  /**
   * Registers the schema of a topic's values and holds the subject to the topic's compatibility.
   * What is registered already is left as it is.
   *
   * @return the schema's id
   * @throws IncompatibleSchemaException when the registry refuses the schema
   */
  public int register(Topic topic, Schema schema) {
    return register(topic.subject(), schema, topic.compatibility());
  }

  /**
   * Registers a schema under a subject and holds the subject to {@code compatibility}.
   *
   * @return the schema's id
   * @throws IncompatibleSchemaException when the registry refuses the schema
   */
  public int register(String subject, Schema schema, Compatibility compatibility) {
    boolean held = hold(subject, compatibility);
    int id =
        ask("register " + subject, registry -> registry.registerSchema(schema.toString(), subject))
            .orElseThrow(() -> refused(subject, schema, compatibility));
    if (!held) {
      hold(subject, compatibility);
    }
    return id;
  }

  /** The schema of that id; empty where the registry does not know it, or it is not Avro. */
  public synchronized Optional<Schema> schema(int id) {
    if (known == null || unknownUntilNanos == null) {
      known = new ConcurrentHashMap<>();
      unknownUntilNanos = new ConcurrentHashMap<>();
    }
    Schema schema = known.get(id);
    if (schema != null) {
      return Optional.of(schema);
    }
    Long until = unknownUntilNanos.get(id);
    if (until != null && System.nanoTime() - until < 0) {
      return Optional.empty();
    }
    Optional<Schema> found =
        ask("get schema " + id, registry -> registry.getId(id)).flatMap(SchemaRegistry::parse);
    if (found.isPresent()) {
      known.put(id, found.get());
    } else {
      if (unknownUntilNanos.size() >= UNKNOWN_IDS_KEPT) {
        unknownUntilNanos.clear();
      }
      unknownUntilNanos.put(id, System.nanoTime() + UNKNOWN_FOR.toNanos());
    }
    return found;
  }

  @Override
  public String toString() {
    return url;
  }

  /** False where the registry has no such subject yet and asks that it be registered first. */
  private boolean hold(String subject, Compatibility compatibility) {
    return ask(
            "set compatibility of " + subject,
            registry -> registry.updateCompatibility(compatibility.name(), subject))
        .isPresent();
  }

  private static Optional<Schema> parse(SchemaString answer) {
    if (answer.getSchemaType() != null && !answer.getSchemaType().equals("AVRO")) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Schema.Parser().parse(answer.getSchemaString()));
    } catch (AvroRuntimeException e) {
      LOG.warn("The registry holds a schema that is not Avro: {}", e.getMessage());
      return Optional.empty();
    }
  }

  private IncompatibleSchemaException refused(
      String subject, Schema schema, Compatibility compatibility) {
    String conflict = "the registry does not say which field";
    List<Integer> versions =
        ask("list versions of " + subject, registry -> registry.getAllVersions(subject))
            .orElse(List.of());
    for (int version : versions) {
      Optional<Schema> earlier =
          ask(
                  "get version " + version + " of " + subject,
                  registry -> registry.getVersion(subject, version))
              .map(answer -> new Schema.Parser().parse(answer.getSchema()));
      Optional<String> found =
          earlier.flatMap(
              writer ->
                  conflict(schema, writer)
                      .or(
                          () ->
                              compatibility == Compatibility.FULL_TRANSITIVE
                                  ? conflict(writer, schema)
                                  : Optional.empty()));
      if (found.isPresent()) {
        conflict = found.get() + ", against version " + version;
        break;
      }
    }
    return new IncompatibleSchemaException(
        "Subject %s (%s) refuses the schema: %s. Keep the old field as it was and add a new one with a default under another name."
            .formatted(subject, compatibility, conflict));
  }

  private static Optional<String> conflict(Schema reader, Schema writer) {
    return SchemaConflict.between(reader, writer).map(SchemaConflict::toString);
  }

  /** One request of the registry. */
  private interface Request<T> {
    T send(RestService registry) throws IOException, RestClientException;
  }

  /** Sends until the registry answers; empty where it does not know, or refuses, what is asked. */
  private <T> Optional<T> ask(String what, Request<T> request) {
    long deadline = System.nanoTime() + patience.toNanos();
    for (Duration pause = FIRST_PAUSE; ; pause = longer(pause)) {
      try {
        return Optional.of(request.send(client()));
      } catch (RestClientException e) {
        if (e.getStatus() == CONFLICT || isUnknown(e)) {
          return Optional.empty();
        }
        if (e.getStatus() < 500 && e.getStatus() != 429 && e.getStatus() != 408) {
          throw new IllegalStateException(
              "Registry %s answered %d when asked to %s: %s. Check its URL (Apicurio's ends in /apis/ccompat/v7) and the schema."
                  .formatted(url, e.getStatus(), what, e.getMessage()),
              e);
        }
        pauseOrGiveUp(what, e, pause, deadline);
      } catch (IOException e) {
        pauseOrGiveUp(what, e, pause, deadline);
      }
    }
  }

  private static boolean isUnknown(RestClientException e) {
    return e.getStatus() == SUBJECT_OR_SCHEMA_NOT_FOUND
        && e.getErrorCode() / CODES_PER_STATUS == SUBJECT_OR_SCHEMA_NOT_FOUND;
  }

  private void pauseOrGiveUp(String what, Exception cause, Duration pause, long deadline) {
    if (System.nanoTime() + pause.toNanos() - deadline > 0) {
      throw new RegistryUnreachableException(
          "Registry %s did not %s within %d s: %s. Check that it runs and that the URL is right."
              .formatted(url, what, patience.toSeconds(), cause),
          cause);
    }
    LOG.warn("Registry {} did not {}: {}; asking again in {}", url, what, cause, pause);
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryUnreachableException("Interrupted while waiting for registry " + url, e);
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  private RestService client() {
    if (client == null) {
      client = new RestService(url);
      client.setHttpConnectTimeoutMs(HTTP_TIMEOUT_MILLIS);
      client.setHttpReadTimeoutMs(HTTP_TIMEOUT_MILLIS);
    }
    return client;
  }
}
