package io.crewcast.local.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.Project;
import io.crewcast.schemas.ProjectStatus;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.Worker;
import io.crewcast.schemas.WorkerStatus;
import io.crewcast.schemas.serde.WireFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
  private static final Instant NINE = Instant.parse("2025-02-03T09:00:00Z");

  @TempDir Path folder;
  private final MockProducer<byte[], byte[]> broker =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final Replay replay = new Replay(broker, 7);
  private Path file = Path.of("");

  @BeforeEach
  void writeThreeEventsAndABrokenRecord() throws IOException {
    file = folder.resolve("events.avro");
    EventFile.write(file, List.of(event("e3", 120), event("e1", 0), event("e2", 60)));
    BrokenFile.write(
        BrokenFile.beside(file),
        List.of(
            new BrokenRecord(
                NINE.plusSeconds(90 * 60),
                DeadLetterReason.UNKNOWN_SCHEMA,
                "acme:p",
                BrokenRecord.Header.UNKNOWN,
                new byte[] {1})));
  }

  private static WorkEvent event(String id, int minutes) {
    Worker worker = Worker.newBuilder().setWorkerId("kim").setStatus(WorkerStatus.ACTIVE).build();
    return WorkEvent.newBuilder()
        .setEventId(id)
        .setCompanyId("acme")
        .setOccurredAt(NINE.plus(Duration.ofMinutes(minutes)))
        .setPayload(worker)
        .build();
  }

  @Test
  void publishesInTheOrderOfKnowledgeWithBrokenRecordsAmongTheEvents() throws IOException {
    List<Replay.Progress> seen = new ArrayList<>();

    Replay.Progress last = replay.run(file, Replay.Range.ALL, new Speed.Max(), seen::add);

    List<ProducerRecord<byte[], byte[]>> sent = broker.history();
    assertThat(sent).hasSize(4);
    assertThat(sent).extracting(ProducerRecord::topic).containsOnly("work-events");
    assertThat(new String(sent.get(0).key(), StandardCharsets.UTF_8)).isEqualTo("acme:kim");
    assertThat(new String(sent.get(2).key(), StandardCharsets.UTF_8)).isEqualTo("acme:p");
    assertThat(WireFormat.schemaId(sent.get(0).value())).hasValue(7);
    assertThat(WireFormat.schemaId(sent.get(2).value())).hasValue(BrokenRecord.UNKNOWN_SCHEMA_ID);
    assertThat(last)
        .isEqualTo(new Replay.Progress(3, 1, NINE.plusSeconds(7200)))
        .isEqualTo(seen.get(3));
  }

  @Test
  void publishesOnlyTheRangeAskedFor() throws IOException {
    Replay.Range range = new Replay.Range(NINE.plusSeconds(3600), NINE.plusSeconds(7200));

    Replay.Progress last = replay.run(file, range, new Speed.Max(), progress -> {});

    assertThat(last).isEqualTo(new Replay.Progress(1, 1, NINE.plusSeconds(5400)));
  }

  @Test
  void keysAnEventByItsProjectWhereItNamesOne() {
    WorkEvent event =
        WorkEvent.newBuilder(event("e1", 0))
            .setPayload(
                Project.newBuilder().setProjectId("p9").setStatus(ProjectStatus.ACTIVE).build())
            .build();

    replay.run(List.of(event).iterator(), new Speed.Max(), progress -> {});

    assertThat(new String(broker.history().get(0).key(), StandardCharsets.UTF_8))
        .isEqualTo("acme:p9");
  }

  @Test
  void failsWhenTheBrokerRefusesAnEvent() {
    MockProducer<byte[], byte[]> refusing =
        new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    Replay stuck = new Replay(refusing, 7);

    assertThatThrownBy(
            () ->
                stuck.run(
                    List.of(event("e1", 0)).iterator(),
                    new Speed.Max(),
                    progress -> refusing.errorNext(new IllegalStateException("disk full"))))
        .hasMessageContaining("did not take an event")
        .hasMessageContaining("disk full");
  }

  @Test
  void pacesByRateOrByTheSpeedOfTheRecord() {
    Instant later = NINE.plusSeconds(1000);

    assertThat(Speed.parse("1000x").due(5, NINE, later)).isEqualTo(Duration.ofSeconds(1));
    assertThat(Speed.parse("500/s").due(250, NINE, later)).isEqualTo(Duration.ofMillis(500));
    assertThat(Speed.parse("max").due(250, NINE, later)).isZero();
    assertThatThrownBy(() -> Speed.parse("fast"))
        .hasMessage("`fast` is no speed; write max, 1000x or 500/s");
  }
}
