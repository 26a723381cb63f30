package io.crewcast.jobs;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.sinks.kafka.TopicSinks;
import io.crewcast.sinks.parquet.LakeSink;
import io.crewcast.sinks.parquet.LakeTable;
import io.crewcast.sinks.webhook.LogAlerts;
import io.crewcast.sinks.webhook.PostAlerts;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

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

  /** To their topic, the lake, the log and, if there is one, the webhook. */
  void alerts(DataStream<Alert> alerts, TopicSinks topics) {
    to(alerts, topics.of(Topic.ALERTS, Alert::getSubject), "alerts");
    toLake(alerts, LakeTable.of(Topic.ALERTS, "as_of"));
    var logged = alerts.map(new LogAlerts()).uid("log-alerts").name("log-alerts");
    logged.sinkTo(new DiscardingSink<>()).uid("logged-alerts").name("logged-alerts");
    String webhook = options.get(JobOptions.WEBHOOK);
    if (webhook != null) {
      var posted = PostAlerts.to(webhook, alerts).uid("post-alerts").name("post-alerts");
      posted.sinkTo(new DiscardingSink<>()).uid("posted-alerts").name("posted-alerts");
    }
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
