package io.crewcast.sinks.kafka;

import static java.util.stream.Collectors.toMap;

import io.crewcast.schemas.serde.Topic;
import io.crewcast.sinks.kafka.TopicChange.AddPartitions;
import io.crewcast.sinks.kafka.TopicChange.Configure;
import io.crewcast.sinks.kafka.TopicChange.Create;
import io.crewcast.sinks.kafka.TopicChange.MorePartitions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;

/** Finds in what the topics of a cluster differ from their definitions, and changes that. */
public final class TopicChanges {

  private TopicChanges() {}

  /** A topic of a cluster. */
  record Standing(int partitions, Map<String, String> settings) {}

  /**
   * What there is to change, topic by topic; topics that Crewcast does not know are left alone.
   *
   * @throws IllegalStateException when the cluster cannot be reached, saying what to do
   */
  public static List<TopicChange> find(String bootstrapServers) throws InterruptedException {
    try (Admin admin = Topics.admin(bootstrapServers)) {
      Map<String, Standing> there = standing(admin);
      List<TopicChange> changes = new ArrayList<>();
      for (Topic topic : Topic.values()) {
        Standing standing = there.get(topic.topicName());
        changes.addAll(standing == null ? List.of(new Create(topic)) : between(topic, standing));
      }
      return changes;
    } catch (ExecutionException e) {
      throw Topics.failed(bootstrapServers, "does not say which topics it has", e.getCause());
    }
  }

  private static Map<String, Standing> standing(Admin admin)
      throws InterruptedException, ExecutionException {
    Set<String> names = admin.listTopics().names().get();
    List<String> known =
        Arrays.stream(Topic.values()).map(Topic::topicName).filter(names::contains).toList();
    Map<String, TopicDescription> descriptions = admin.describeTopics(known).allTopicNames().get();
    Map<ConfigResource, Config> configs =
        admin.describeConfigs(known.stream().map(TopicChanges::resource).toList()).all().get();
    Map<String, Standing> standing = new HashMap<>();
    configs.forEach(
        (resource, config) ->
            standing.put(
                resource.name(),
                new Standing(
                    Objects.requireNonNull(descriptions.get(resource.name())).partitions().size(),
                    config.entries().stream()
                        .filter(entry -> entry.value() != null)
                        .collect(toMap(ConfigEntry::name, ConfigEntry::value)))));
    return standing;
  }

  static List<TopicChange> between(Topic topic, Standing standing) {
    List<TopicChange> changes = new ArrayList<>();
    Topics.settings(topic)
        .forEach(
            (setting, be) -> {
              String is = standing.settings().getOrDefault(setting, "not set");
              if (!is.equals(be)) {
                changes.add(new Configure(topic, setting, is, be));
              }
            });
    int there = standing.partitions();
    if (there < topic.partitions()) {
      changes.add(new AddPartitions(topic, there, topic.partitions()));
    } else if (there > topic.partitions()) {
      changes.add(new MorePartitions(topic, there, topic.partitions()));
    }
    return changes;
  }

  /**
   * Makes one change.
   *
   * @throws IllegalStateException when the cluster cannot be reached or refuses, saying what to do
   */
  public static void apply(String bootstrapServers, TopicChange change)
      throws InterruptedException {
    Topic topic = change.topic();
    try (Admin admin = Topics.admin(bootstrapServers)) {
      if (change instanceof Create) {
        admin.createTopics(List.of(Topics.describe(topic))).all().get();
      } else if (change instanceof Configure configure) {
        Collection<AlterConfigOp> set =
            List.of(
                new AlterConfigOp(
                    new ConfigEntry(configure.setting(), configure.be()),
                    AlterConfigOp.OpType.SET));
        admin.incrementalAlterConfigs(Map.of(resource(topic.topicName()), set)).all().get();
      } else if (change instanceof AddPartitions more) {
        admin
            .createPartitions(Map.of(topic.topicName(), NewPartitions.increaseTo(more.wanted())))
            .all()
            .get();
      }
    } catch (ExecutionException e) {
      throw Topics.failed(bootstrapServers, "did not change " + topic.topicName(), e.getCause());
    }
  }

  private static ConfigResource resource(String topic) {
    return new ConfigResource(ConfigResource.Type.TOPIC, topic);
  }
}
