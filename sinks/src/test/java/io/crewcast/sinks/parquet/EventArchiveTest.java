package io.crewcast.sinks.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.CrewMembership;
import io.crewcast.schemas.MembershipAction;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.RecordWriter;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.RawRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.enumerate.NonSplittingRecursiveEnumerator;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventArchiveTest {
  private static final Instant MORNING = Instant.parse("2026-01-05T08:00:00.123456Z");
  private static final int MORE_THAN_A_BATCH = 2_500;

  @TempDir private Path lake;

  @Test
  void readsEventsAsTheyWereWritten() throws IOException {
    WorkEvent entry =
        event(
            0,
            TimeEntry.newBuilder()
                .setTimeEntryId("te-1")
                .setWorkerId("kim")
                .setProjectId("bridge")
                .setMinutes(90)
                .build());
    WorkEvent task =
        event(
            1,
            Task.newBuilder()
                .setTaskId("t1")
                .setProjectId("bridge")
                .setStatus(TaskStatus.IN_REVIEW)
                .setPlannedMinutes(0.1)
                .setDueAt(MORNING)
                .setRequiredSkills(List.of("weld", "cut"))
                .build());
    WorkEvent joined =
        event(
            2,
            CrewMembership.newBuilder()
                .setCrewId("c1")
                .setWorkerId("kim")
                .setAction(MembershipAction.JOINED)
                .build());
    joined.setVoided(true);
    publish("one", List.of(arrival(entry, 7), arrival(task, 8), arrival(joined, 9)));

    List<Arrival> read = read(splits().get(0));
    assertThat(read).extracting(Arrival::getEvent).containsExactly(entry, task, joined);
    assertThat(read.get(1).getRaw().getOffset()).isEqualTo(8);
    assertThat(read.get(1).getRaw().getPartition()).isEqualTo(3);
    assertThat(read.get(1).getRaw().getAppendedAt()).isEqualTo(MORNING);
  }

  @Test
  void handsFilesOutInTheOrderOfTheirDaysAndKnowsTheFirstAndTheLastEvent() throws IOException {
    publish("b", List.of(arrival(day(2), 0), arrival(day(0), 1)));
    publish("a", List.of(arrival(day(1), 2), arrival(day(2), 3)));

    var archive = new EventArchive(lake.toUri().toString());
    var assigner = archive.source().getAssignerFactory().create(splits());
    List<String> days = new ArrayList<>();
    for (Optional<FileSourceSplit> next = assigner.getNext(null);
        next.isPresent();
        next = assigner.getNext(null)) {
      days.add(next.get().path().getParent().getName().substring("date=".length()));
    }
    assertThat(days).containsExactly("2026-01-05", "2026-01-06", "2026-01-07", "2026-01-07");
    assertThat(archive.firstRecordedAt()).isEqualTo(MORNING);
    assertThat(archive.lastRecordedAt()).isEqualTo(MORNING.plus(Duration.ofDays(2)));
  }

  @Test
  void goesOnWhereItStoodWithinAFile() throws IOException {
    List<Arrival> arrivals = new ArrayList<>();
    for (int i = 0; i < MORE_THAN_A_BATCH; i++) {
      arrivals.add(arrival(day(0), i));
    }
    publish("one", arrivals);
    FileSourceSplit split = splits().get(0);
    FileSourceSplit later =
        split.updateWithCheckpointedPosition(
            new CheckpointedPosition(CheckpointedPosition.NO_OFFSET, 1_234));

    assertThat(read(split)).hasSize(MORE_THAN_A_BATCH);
    assertThat(read(later))
        .hasSize(MORE_THAN_A_BATCH - 1_234)
        .first()
        .satisfies(next -> assertThat(next.getRaw().getOffset()).isEqualTo(1_234));
  }

  @Test
  void saysWhatToDoWhereThereAreNoEvents() {
    assertThatThrownBy(() -> new EventArchive(lake.toString()).firstRecordedAt())
        .hasMessageContaining("There are no events in " + lake.resolve("work_events"))
        .hasMessageContaining("backfill from Kafka");
  }

  private static WorkEvent day(int day) {
    return event(
        Duration.ofDays(day).toMinutes(),
        TimeEntry.newBuilder()
            .setTimeEntryId("te")
            .setWorkerId("kim")
            .setProjectId("bridge")
            .setMinutes(1)
            .build());
  }

  private static WorkEvent event(long minute, Object payload) {
    Instant at = MORNING.plus(Duration.ofMinutes(minute));
    return new WorkEvent("e" + minute, "acme", at, at, "test", false, payload);
  }

  private static Arrival arrival(WorkEvent event, long offset) {
    return new Arrival(new RawRecord("work-events", 3, offset, MORNING, null, null), event, null);
  }

  private void publish(String name, List<Arrival> arrivals) throws IOException {
    LakeTable<Arrival> table = LakeTables.workEvents();
    var folder = new org.apache.flink.core.fs.Path(lake.toUri().toString(), table.name());
    var rows = new RecordWriter(table.rows());
    var staging =
        new StagingFile(
            new org.apache.flink.core.fs.Path(folder, ".staging/" + name), table.rows());
    for (Arrival arrival : arrivals) {
      var row = table.row().apply(arrival);
      staging.append(table.day(row), out -> rows.append(row, out));
    }
    new LakePublisher(folder, table.rows())
        .publish(new Publication(name, List.of(staging.close(0))));
  }

  private List<FileSourceSplit> splits() throws IOException {
    var folder = new org.apache.flink.core.fs.Path(lake.toUri().toString(), "work_events");
    return List.copyOf(
        new NonSplittingRecursiveEnumerator()
            .enumerateSplits(new org.apache.flink.core.fs.Path[] {folder}, 1));
  }

  private static List<Arrival> read(FileSourceSplit split) throws IOException {
    List<Arrival> read = new ArrayList<>();
    var format = new EventArchiveFormat();
    try (BulkFormat.Reader<Arrival> reader =
        split.getReaderPosition().isPresent()
            ? format.restoreReader(new Configuration(), split)
            : format.createReader(new Configuration(), split)) {
      for (var batch = reader.readBatch(); batch != null; batch = reader.readBatch()) {
        for (var next = batch.next(); next != null; next = batch.next()) {
          read.add(next.getRecord());
        }
      }
    }
    return read;
  }
}
