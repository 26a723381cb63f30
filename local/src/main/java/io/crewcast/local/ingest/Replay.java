package io.crewcast.local.ingest;

import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.RecordEncoder;
import io.crewcast.schemas.serde.RecordKey;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.avro.file.DataFileReader;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Publishes events to {@code work-events} in the order in which they became known, at a chosen
 * speed, once each (the producer is idempotent). Broken records that lie beside an event file go
 * out among its events. One replay at a time.
 */
public final class Replay implements AutoCloseable {
  private static final Duration REGISTRY_PATIENCE = Duration.ofSeconds(10);

  private final Producer<byte[], byte[]> producer;
  private final int schemaId;
  private final RecordEncoder encoder;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  /** Connects, and registers the schema of work events. */
  public Replay(String bootstrapServers, String registryUrl) {
    this(
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.LINGER_MS_CONFIG,
                5,
                ProducerConfig.BATCH_SIZE_CONFIG,
                1 << 17,
                ProducerConfig.COMPRESSION_TYPE_CONFIG,
                "lz4"),
            new ByteArraySerializer(),
            new ByteArraySerializer()),
        new SchemaRegistry(registryUrl, REGISTRY_PATIENCE)
            .register(Topic.WORK_EVENTS, WorkEvent.getClassSchema()));
  }

  Replay(Producer<byte[], byte[]> producer, int schemaId) {
    this.producer = producer;
    this.schemaId = schemaId;
    this.encoder = new RecordEncoder(schemaId, WorkEvent.getClassSchema());
  }

  /**
   * What of a file to publish, by when it became known.
   *
   * @param from first moment, null for the start of the file
   * @param until first moment that is left out, null for the end
   */
  public record Range(@Nullable Instant from, @Nullable Instant until) {
    public static final Range ALL = new Range(null, null);

    public boolean holds(Instant recordedAt) {
      return (from == null || !recordedAt.isBefore(from)) && !isPast(recordedAt);
    }

    boolean isPast(Instant recordedAt) {
      return until != null && !recordedAt.isBefore(until);
    }
  }

  /**
   * How far a replay is.
   *
   * @param events events sent
   * @param broken broken records sent
   * @param recordedAt when the newest of them became known
   */
  public record Progress(long events, long broken, Instant recordedAt) {}

  /** Publishes a range of an event file as it is, and of the broken records beside it. */
  public Progress run(Path file, Range range, Speed speed, Consumer<Progress> onProgress)
      throws IOException {
    return run(file, range, speed, UnaryOperator.identity(), onProgress);
  }

  /**
   * Publishes a range of an event file, and of the broken records beside it.
   *
   * @param published what becomes of each event when it is its turn; order, range and progress are
   *     by the file
   * @param onProgress called after each record is handed to the producer
   * @return the last progress, once the broker has acknowledged every record
   */
  public Progress run(
      Path file,
      Range range,
      Speed speed,
      UnaryOperator<WorkEvent> published,
      Consumer<Progress> onProgress)
      throws IOException {
    Deque<BrokenRecord> broken = new ArrayDeque<>();
    BrokenFile.read(BrokenFile.beside(file)).stream()
        .filter(record -> range.holds(record.publishAt()))
        .forEach(broken::add);
    Run run = new Run(speed, onProgress);
    try (DataFileReader<WorkEvent> events = EventFile.open(file)) {
      for (WorkEvent event : events) {
        Instant recordedAt = EventFile.recordedAt(event);
        if (range.isPast(recordedAt)) {
          break;
        }
        if (range.holds(recordedAt)) {
          run.sendUntil(recordedAt, broken);
          run.send(published.apply(event), recordedAt);
        }
      }
    }
    run.sendUntil(Instant.MAX, broken);
    return run.finish();
  }

  /** Publishes events as they come. */
  public Progress run(Iterator<WorkEvent> events, Speed speed, Consumer<Progress> onProgress) {
    Run run = new Run(speed, onProgress);
    events.forEachRemaining(event -> run.send(event, EventFile.recordedAt(event)));
    return run.finish();
  }

  @Override
  public void close() {
    producer.close();
  }

  /** The state of one replay. */
  private final class Run {
    private final Speed speed;
    private final Consumer<Progress> onProgress;
    private final long startNanos = System.nanoTime();
    private @Nullable Instant first;
    private Progress progress = new Progress(0, 0, Instant.EPOCH);

    Run(Speed speed, Consumer<Progress> onProgress) {
      this.speed = speed;
      this.onProgress = onProgress;
    }

    void send(WorkEvent event, Instant recordedAt) {
      byte[] key = RecordKey.of(event).getBytes(StandardCharsets.UTF_8);
      send(
          key,
          encoder.encode(event),
          new Progress(
              progress.events() + 1,
              progress.broken(),
              recordedAt.isAfter(progress.recordedAt()) ? recordedAt : progress.recordedAt()));
    }

    void sendUntil(Instant moment, Deque<BrokenRecord> broken) {
      while (!broken.isEmpty() && broken.peek().publishAt().isBefore(moment)) {
        BrokenRecord record = broken.remove();
        byte[] key = record.key().getBytes(StandardCharsets.UTF_8);
        send(
            key,
            record.value(schemaId),
            new Progress(progress.events(), progress.broken() + 1, record.publishAt()));
      }
    }

    private void send(byte[] key, byte @Nullable [] value, Progress after) {
      awaitTurn(after.recordedAt());
      Future<RecordMetadata> unused = // the callback says what becomes of it
          producer.send(
              new ProducerRecord<>(Topic.WORK_EVENTS.topicName(), key, value),
              (metadata, problem) -> {
                if (problem != null) {
                  failure.compareAndSet(null, problem);
                }
              });
      progress = after;
      onProgress.accept(after);
      refuseFailure();
    }

    private void awaitTurn(Instant recordedAt) {
      first = first == null ? recordedAt : first;
      long due =
          startNanos
              + speed.due(progress.events() + progress.broken(), first, recordedAt).toNanos();
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    }

    Progress finish() {
      producer.flush();
      refuseFailure();
      return progress;
    }

    private void refuseFailure() {
      Exception problem = failure.get();
      if (problem != null) {
        throw new KafkaException(
            "the broker did not take an event after "
                + progress.events()
                + " sent: "
                + problem.getMessage()
                + "; start the stack (crewcast up) or check --bootstrap-servers",
            problem);
      }
    }
  }
}
