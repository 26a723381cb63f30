package io.crewcast.benchmarks.features;

import org.apache.flink.runtime.event.WatermarkEvent;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.LatencyMarker;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.OutputTag;

/** Counts what an operator puts out and keeps nothing of it. */
final class CountingOutput<T> implements Output<StreamRecord<T>> {

  private long records;

  /** How many so far, those to the side included. */
  long records() {
    return records;
  }

  @Override
  public void collect(StreamRecord<T> record) {
    records++;
  }

  @Override
  public <X> void collect(OutputTag<X> tag, StreamRecord<X> record) {
    records++;
  }

  @Override
  public void emitWatermark(Watermark watermark) {}

  @Override
  public void emitWatermark(WatermarkEvent watermark) {}

  @Override
  public void emitWatermarkStatus(WatermarkStatus status) {}

  @Override
  public void emitLatencyMarker(LatencyMarker marker) {}

  @Override
  public void emitRecordAttributes(RecordAttributes attributes) {}

  @Override
  public void close() {}
}
