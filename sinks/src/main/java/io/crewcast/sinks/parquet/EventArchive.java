package io.crewcast.sinks.parquet;

import io.crewcast.schemas.Instants;
import io.crewcast.schemas.stream.Arrival;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import java.util.PriorityQueue;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.assigners.FileSplitAssigner;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.formats.parquet.ParquetInputFile;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;

/**
 * The lake's {@code work_events} as a source, for a backfill of what the topic no longer holds. The
 * events come in order of their day and in none within it, to one reader: a day is all that waits
 * to be put in order.
 */
public final class EventArchive implements Serializable {

  private static final String RECORDED_AT = "recorded_at";
  private static final long MILLIS_PER_DAY = Duration.ofDays(1).toMillis();

  /** {@code date=2026-01-05}: by name is by day. */
  private static final Comparator<Path> BY_DAY =
      Comparator.<Path, String>comparing(file -> file.getParent().getName())
          .thenComparing(Path::getName);

  private final String folder;

  /**
   * @param lake folder of the lake, on any file system that Flink knows
   */
  public EventArchive(String lake) {
    this.folder = new Path(lake, LakeTables.workEvents().name()).toString();
  }

  /** Reads all files once; to be run by one task, which keeps their order. */
  public FileSource<Arrival> source() {
    return FileSource.forBulkFileFormat(new EventArchiveFormat(), new Path(folder))
        .setSplitAssigner(ByDay::new)
        .build();
  }

  /**
   * When its first event was recorded.
   *
   * @throws IllegalArgumentException when there is none, saying what to do
   */
  public Instant firstRecordedAt() throws IOException {
    return Instants.ofMicros(ofDay(BY_DAY).getMin());
  }

  /**
   * When its newest event was recorded.
   *
   * @throws IllegalArgumentException when there is none, saying what to do
   */
  public Instant lastRecordedAt() throws IOException {
    return Instants.ofMicros(ofDay(BY_DAY.reversed()).getMax());
  }

  /** When the events of a day were recorded, microseconds: of the first day in an order. */
  private LongSummaryStatistics ofDay(Comparator<Path> order) throws IOException {
    List<Path> files = files();
    Path day =
        files.stream()
            .min(order)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "There are no events in %s: name a lake that a live job writes, or backfill from Kafka"
                            .formatted(folder)))
            .getParent();
    var recorded = new LongSummaryStatistics();
    for (Path file : files) {
      if (file.getParent().equals(day)) {
        recorded.combine(recordedAt(file));
      }
    }
    return recorded;
  }

  private List<Path> files() throws IOException {
    Path table = new Path(folder);
    FileSystem fileSystem = table.getFileSystem();
    List<Path> files = new ArrayList<>();
    if (fileSystem.exists(table)) {
      for (FileStatus day : fileSystem.listStatus(table)) {
        if (day.getPath().getName().startsWith("date=")) {
          for (FileStatus file : fileSystem.listStatus(day.getPath())) {
            if (file.getPath().getName().endsWith(".parquet")) {
              files.add(file.getPath());
            }
          }
        }
      }
    }
    return files;
  }

  /** From the statistics in the file's footer. */
  private static LongSummaryStatistics recordedAt(Path file) throws IOException {
    FileSystem fileSystem = file.getFileSystem();
    var recorded = new LongSummaryStatistics();
    try (FSDataInputStream in = fileSystem.open(file);
        ParquetFileReader reader =
            ParquetFileReader.open(
                new ParquetInputFile(in, fileSystem.getFileStatus(file).getLen()))) {
      for (BlockMetaData rows : reader.getFooter().getBlocks()) {
        for (ColumnChunkMetaData column : rows.getColumns()) {
          if (column.getPath().toDotString().equals(RECORDED_AT)) {
            recorded.accept((Long) column.getStatistics().genericGetMin());
            recorded.accept((Long) column.getStatistics().genericGetMax());
          }
        }
      }
    }
    return recorded;
  }

  /** Hands files out one day after the other. */
  private static final class ByDay implements FileSplitAssigner {
    private final PriorityQueue<FileSourceSplit> splits =
        new PriorityQueue<>(Comparator.comparing(FileSourceSplit::path, BY_DAY));

    ByDay(Collection<FileSourceSplit> splits) {
      addSplits(splits);
    }

    @Override
    public Optional<FileSourceSplit> getNext(String host) {
      return Optional.ofNullable(splits.poll());
    }

    @Override
    public void addSplits(Collection<FileSourceSplit> added) {
      splits.addAll(added);
    }

    @Override
    public Collection<FileSourceSplit> remainingSplits() {
      return splits;
    }
  }

  /** What was recorded before the day that is being read has all been read. */
  public static final class Watermarks implements WatermarkGenerator<Arrival> {
    @Override
    public void onEvent(Arrival arrival, long timestamp, WatermarkOutput output) {
      output.emitWatermark(
          new Watermark(Math.floorDiv(timestamp, MILLIS_PER_DAY) * MILLIS_PER_DAY - 1));
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {}
  }
}
