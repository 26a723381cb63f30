package io.crewcast.sinks.kafka;

import static java.util.stream.Collectors.toMap;

import io.crewcast.schemas.serde.Topic;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** Creates the topics that are not there yet, and says how far those reach that are. */
public final class Topics {

  private static final int REQUEST_TIMEOUT_MILLIS = 30_000;

  /** As Kafka writes it. */
  private static final long FOR_EVER = -1;

  private Topics() {}

  /**
   * Creates those of {@code topics} that do not exist; the broker stamps their records with its
   * append time. Topics that exist are left as they are.
   *
   * @return names of the topics created
   * @throws IllegalStateException when the cluster cannot be reached or refuses, saying what to do
   */
  public static Set<String> create(String bootstrapServers, Collection<Topic> topics)
      throws InterruptedException {
    Set<String> created = new TreeSet<>();
    try (Admin admin = admin(bootstrapServers)) {
      Set<String> there = admin.listTopics().names().get();
      List<NewTopic> absent =
          topics.stream()
              .filter(topic -> !there.contains(topic.topicName()))
              .map(Topics::describe)
              .toList();
      for (var answer : admin.createTopics(absent).values().entrySet()) {
        try {
          answer.getValue().get();
          created.add(answer.getKey());
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw e;
          }
        }
      }
    } catch (ExecutionException e) {
      throw failed(bootstrapServers, "did not create the topics", e.getCause());
    }
    return created;
  }

  /**
   * The end of each partition of a topic: the offset that its next record will have.
   *
   * @throws IllegalStateException when the cluster cannot be reached or lacks the topic, saying
   *     what to do
   */
  public static Map<Integer, Long> ends(String bootstrapServers, Topic topic)
      throws InterruptedException {
    try (Admin admin = admin(bootstrapServers)) {
      var described = admin.describeTopics(List.of(topic.topicName())).allTopicNames().get();
      var asked =
          described.values().stream()
              .flatMap(description -> description.partitions().stream())
              .collect(
                  toMap(
                      partition -> new TopicPartition(topic.topicName(), partition.partition()),
                      partition -> OffsetSpec.latest()));
      Map<Integer, Long> ends = new TreeMap<>();
      admin
          .listOffsets(asked)
          .all()
          .get()
          .forEach((partition, end) -> ends.put(partition.partition(), end.offset()));
      return ends;
    } catch (ExecutionException e) {
      throw failed(
          bootstrapServers, "does not say how far " + topic.topicName() + " reaches", e.getCause());
    }
  }

  /** Whether a text names brokers, {@code host:port} each, comma-separated. */
  public static boolean areBrokers(String text) {
    return Stream.of(text.split(",", -1))
        .map(String::strip)
        .allMatch(broker -> Utils.getHost(broker) != null && Utils.getPort(broker) != null);
  }

  static IllegalStateException failed(
      String bootstrapServers, String what, @Nullable Throwable cause) {
    String why =
        cause instanceof TimeoutException
            ? "no answer within %d s. Start it with ./crewcast up, or correct --bootstrap-servers"
                .formatted(REQUEST_TIMEOUT_MILLIS / 1_000)
            : cause instanceof UnknownTopicOrPartitionException
                ? "there is no such topic. ./crewcast up creates all that Crewcast uses"
                : "%s. Check --bootstrap-servers and that the cluster runs".formatted(cause);
    return new IllegalStateException(
        "Kafka at %s %s: %s".formatted(bootstrapServers, what, why), cause);
  }

  static Admin admin(String bootstrapServers) {
    return Admin.create(
        Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
            bootstrapServers,
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
            REQUEST_TIMEOUT_MILLIS,
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
            REQUEST_TIMEOUT_MILLIS));
  }

  static NewTopic describe(Topic topic) {
    return new NewTopic(topic.topicName(), Optional.of(topic.partitions()), Optional.empty())
        .configs(settings(topic));
  }

  /** The settings that a topic is to have; all others are the broker's to decide. */
  static Map<String, String> settings(Topic topic) {
    Map<String, String> settings = new TreeMap<>();
    settings.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
    if (topic.compacted()) {
      settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT);
    } else {
      settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
      settings.put(
          TopicConfig.RETENTION_MS_CONFIG,
          topic.retention().map(Duration::toMillis).orElse(FOR_EVER).toString());
    }
    return settings;
  }
}
