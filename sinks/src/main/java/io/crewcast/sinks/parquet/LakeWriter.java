package io.crewcast.sinks.parquet;

import io.crewcast.schemas.serde.RecordWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.apache.avro.generic.IndexedRecord;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/** Stages rows, and hands over what is staged when it is time to publish it. */
final class LakeWriter<T>
    implements StatefulSinkWriter<T, Publication>, CommittingSinkWriter<T, Publication> {

  /** Staged bytes that are published without further delay. */
  private static final long MUCH = 128L << 20;

  private static final String STAGING = ".staging";

  private final Path folder;
  private final LakeTable<T> table;
  private final RecordWriter rows;
  private final Duration publishAfter;
  private final ProcessingTimeService clock;
  private final List<StagedFile> staged = new ArrayList<>();
  private @Nullable StagingFile open;
  private boolean atEnd;

  LakeWriter(
      Path folder,
      LakeTable<T> table,
      Duration publishAfter,
      ProcessingTimeService clock,
      Collection<Publication> restored) {
    this.folder = folder;
    this.table = table;
    this.rows = new RecordWriter(table.rows());
    this.publishAfter = publishAfter;
    this.clock = clock;
    restored.forEach(earlier -> staged.addAll(earlier.staged()));
  }

  @Override
  public void write(T element, Context context) throws IOException {
    IndexedRecord row = table.row().apply(element);
    if (open == null) {
      open =
          new StagingFile(
              new Path(folder, STAGING + '/' + UUID.randomUUID() + ".rows"), rows.schema());
    }
    open.append(table.day(row), out -> rows.append(row, out));
  }

  @Override
  public void flush(boolean endOfInput) throws IOException {
    atEnd |= endOfInput;
    if (open != null) {
      staged.add(open.close(clock.getCurrentProcessingTime()));
      open = null;
    }
  }

  @Override
  public Collection<Publication> prepareCommit() {
    if (staged.isEmpty() || !(atEnd || isTime())) {
      return List.of();
    }
    Publication publication = new Publication(UUID.randomUUID().toString(), List.copyOf(staged));
    staged.clear();
    return List.of(publication);
  }

  private boolean isTime() {
    long oldest = staged.stream().mapToLong(StagedFile::stagedAtMillis).min().orElseThrow();
    long bytes = staged.stream().mapToLong(StagedFile::bytes).sum();
    return bytes >= MUCH || clock.getCurrentProcessingTime() - oldest >= publishAfter.toMillis();
  }

  @Override
  public List<Publication> snapshotState(long checkpointId) {
    return staged.isEmpty() ? List.of() : List.of(new Publication("", List.copyOf(staged)));
  }

  @Override
  public void close() throws IOException {
    if (open != null) {
      open.discard();
    }
  }
}
