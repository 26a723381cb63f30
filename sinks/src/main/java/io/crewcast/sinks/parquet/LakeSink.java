package io.crewcast.sinks.parquet;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessageTypeInfo;
import org.apache.flink.streaming.api.connector.sink2.SupportsPreCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * Writes a table of the lake, exactly once, as {@code <lake>/<table>/date=YYYY-MM-DD/*.parquet}.
 *
 * <pre>
 * rows ─▶ LakeWriter ─ one staged file a checkpoint ─▶ Publication ─▶ merge ─▶ LakePublisher ─▶ Parquet
 * </pre>
 *
 * Rows are staged in one file for all days and become Parquet only when they are published: at the
 * first checkpoint after {@code publishAfter}, or when there is much, or at the end of the input.
 * So days cost no open files, small files are merged before anyone sees them, and history that
 * touches thousands of days at once is written one day after the other.
 */
public final class LakeSink<T>
    implements Sink<T>,
        SupportsCommitter<Publication>,
        SupportsPreCommitTopology<Publication, Publication>,
        SupportsWriterState<T, Publication> {

  private final String lake;
  private final LakeTable<T> table;
  private final Duration publishAfter;

  /**
   * A sink for one table.
   *
   * @param lake folder of the lake, on any file system that Flink knows
   * @param publishAfter how long rows may wait for others; they are seen at the next checkpoint
   */
  public LakeSink(Path lake, LakeTable<T> table, Duration publishAfter) {
    this.lake = lake.toString();
    this.table = table;
    this.publishAfter = publishAfter;
  }

  private Path folder() {
    return new Path(lake, table.name());
  }

  @Override
  public LakeWriter<T> createWriter(WriterInitContext context) {
    return restoreWriter(context, List.of());
  }

  @Override
  public LakeWriter<T> restoreWriter(WriterInitContext context, Collection<Publication> staged) {
    return new LakeWriter<>(
        folder(), table, publishAfter, context.getProcessingTimeService(), staged);
  }

  /** One task a table merges and publishes, beside those that write. */
  @Override
  public DataStream<CommittableMessage<Publication>> addPreCommitTopology(
      DataStream<CommittableMessage<Publication>> written) {
    return written
        .global()
        .transform(
            "merge",
            CommittableMessageTypeInfo.of(this::getCommittableSerializer),
            new MergePublications())
        .uid("merge")
        .setParallelism(1)
        .setMaxParallelism(1)
        .global();
  }

  @Override
  public SimpleVersionedSerializer<Publication> getWriteResultSerializer() {
    return new PublicationSerializer();
  }

  @Override
  public Committer<Publication> createCommitter(CommitterInitContext context) {
    return new LakePublisher(folder(), table.rows());
  }

  @Override
  public SimpleVersionedSerializer<Publication> getCommittableSerializer() {
    return new PublicationSerializer();
  }

  @Override
  public SimpleVersionedSerializer<Publication> getWriterStateSerializer() {
    return new PublicationSerializer();
  }
}
