package io.crewcast.sinks.parquet;

import java.util.ArrayList;
import java.util.TreeMap;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.CommittableSummary;
import org.apache.flink.streaming.api.connector.sink2.CommittableWithLineage;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Makes one publication of those that the writers of a table hand over at a checkpoint, so that a
 * day gets one file and not one a writer. All of them are here before the checkpoint's barrier.
 */
final class MergePublications extends AbstractStreamOperator<CommittableMessage<Publication>>
    implements OneInputStreamOperator<
        CommittableMessage<Publication>, CommittableMessage<Publication>> {

  /** By checkpoint; empty whenever a snapshot is taken. */
  private final TreeMap<Long, ArrayList<Publication>> waiting = new TreeMap<>();

  @Override
  public void processElement(StreamRecord<CommittableMessage<Publication>> element) {
    if (element.getValue() instanceof CommittableWithLineage<Publication> handedOver) {
      waiting
          .computeIfAbsent(handedOver.getCheckpointId(), id -> new ArrayList<>())
          .add(handedOver.getCommittable());
    }
  }

  @Override
  public void prepareSnapshotPreBarrier(long checkpointId) {
    emit();
  }

  @Override
  public void finish() throws Exception {
    emit();
    super.finish();
  }

  private void emit() {
    waiting.forEach(
        (checkpoint, publications) -> {
          Publication merged =
              new Publication(
                  publications.get(0).id(),
                  publications.stream().flatMap(one -> one.staged().stream()).toList());
          output.collect(new StreamRecord<>(new CommittableSummary<>(0, 1, checkpoint, 1, 0)));
          output.collect(new StreamRecord<>(new CommittableWithLineage<>(merged, checkpoint, 0)));
        });
    waiting.clear();
  }
}
