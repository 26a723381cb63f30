package io.crewcast.sinks.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.serde.Topic;
import io.crewcast.sinks.kafka.TopicChanges.Standing;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "127.0.0.1:9092           | true",
        "kafka-1:9092, kafka_2:93 | true",
        "[::1]:9092               | true",
        "SASL_SSL://kafka:9092    | true",
        "127.0.0.1                | false",
        "kafka:port               | false",
        "kafka:9092,              | false",
      })
  void knowsBrokersByHostAndPort(String text, boolean areBrokers) {
    assertThat(Topics.areBrokers(text)).isEqualTo(areBrokers);
  }

  @Test
  void saysWhatToDoAndNoClassWhereKafkaDoesNotAnswerOrHasNoSuchTopic() {
    assertThat(Topics.failed("here:1", "does not say", new TimeoutException("listTopics")))
        .hasMessage(
            "Kafka at here:1 does not say: no answer within 30 s. Start it with ./crewcast up, or"
                + " correct --bootstrap-servers");
    assertThat(Topics.failed("here:1", "does not say", new UnknownTopicOrPartitionException()))
        .hasMessageEndingWith("no such topic. ./crewcast up creates all that Crewcast uses");
  }

  @Test
  void findsNothingToChangeInATopicThatIsAsDefinedAndLeavesItsOtherSettingsAlone() {
    for (Topic topic : Topic.values()) {
      Map<String, String> settings = new HashMap<>(Topics.settings(topic));
      settings.put("compression.type", "lz4");
      assertThat(TopicChanges.between(topic, new Standing(topic.partitions(), settings))).isEmpty();
    }
  }

  @Test
  void keepsEventsForEverOthersForATimeAndOfCompactedTopicsTheNewest() {
    assertThat(Topics.settings(Topic.WORK_EVENTS)).containsEntry("retention.ms", "-1");
    assertThat(Topics.settings(Topic.PREDICTIONS)).containsEntry("retention.ms", "7776000000");
    assertThat(Topics.settings(Topic.MODEL_ROLLOUTS))
        .containsEntry("cleanup.policy", "compact")
        .doesNotContainKey("retention.ms");
  }
}
