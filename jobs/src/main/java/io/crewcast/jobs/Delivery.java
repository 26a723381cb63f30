package io.crewcast.jobs;

import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.sinks.kafka.TopicSinks;
import io.crewcast.sinks.parquet.LakeSink;
import io.crewcast.sinks.parquet.LakeTable;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;

/** How jobs hand over their streams, by the options that they have in common. */
record Delivery(ReadableConfig options) {

  /**
   * The topics.
   *
   * @param group what transactional ids begin with
   */
  TopicSinks topics(SchemaRegistry registry, String group) {
    return new TopicSinks(
        options.get(JobOptions.BOOTSTRAP_SERVERS),
        registry,
        options.get(JobOptions.DELIVERY),
        group);
  }

  static <T> void to(DataStream<T> stream, Sink<T> sink, String name) {
    stream.sinkTo(sink).uid(name + "-sink").name(name);
  }

  /** To a table of the lake, if there is one. */
  <T> void toLake(DataStream<T> stream, LakeTable<T> table) {
    String lake = options.get(JobOptions.LAKE);
    if (lake != null) {
      var sink = new LakeSink<>(new Path(lake), table, options.get(JobOptions.PUBLISH_AFTER));
      to(stream, sink, "lake-" + ScoringJob.kebabCase(table.name()));
    }
  }
}
