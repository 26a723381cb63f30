package io.crewcast.sinks.kafka;

import io.crewcast.schemas.serde.Topic;
import java.time.Duration;

/** One thing in which a topic of a cluster differs from its definition. */
public sealed interface TopicChange {

  Topic topic();

  /** What is to be done, in words. */
  String inWords();

  /** The topic is not there. */
  record Create(Topic topic) implements TopicChange {
    @Override
    public String inWords() {
      String kept =
          topic.compacted()
              ? "the newest of each key is kept"
              : topic
                  .retention()
                  .map(Duration::toDays)
                  .map("kept %d days"::formatted)
                  .orElse("kept for ever");
      return "create, %d partitions, %s".formatted(topic.partitions(), kept);
    }
  }

  /**
   * A setting has another value.
   *
   * @param is its value in the cluster
   * @param be what the definition says
   */
  record Configure(Topic topic, String setting, String is, String be) implements TopicChange {
    @Override
    public String inWords() {
      return "%s: %s, to be %s".formatted(setting, is, be);
    }
  }

  /** There are fewer partitions. */
  record AddPartitions(Topic topic, int there, int wanted) implements TopicChange {
    @Override
    public String inWords() {
      return "%d partitions, to be %d: keys then go to other partitions than their older records"
          .formatted(there, wanted);
    }
  }

  /** There are more partitions, which Kafka cannot undo and which does no harm. */
  record MorePartitions(Topic topic, int there, int wanted) implements TopicChange {
    @Override
    public String inWords() {
      return "%d partitions, %d are enough: they stay, Kafka takes none away"
          .formatted(there, wanted);
    }
  }
}
