package io.crewcast.local.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.schemas.serde.Topic;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;

class TopicCommandsIT {

  private static final Map<String, String> AS_DEFINED =
      Map.of("message.timestamp.type", "LogAppendTime", "retention.ms", "7776000000");

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final StringWriter out = new StringWriter();
  private String servers = "";

  @Test
  void makesAClustersTopicsWhatTheyShouldBeAndDeletesNothing() throws Exception {
    try (LocalStack stack = LocalStack.start(Part.KAFKA);
        Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      servers = stack.bootstrapServers();
      admin
          .createTopics(
              List.of(
                  new NewTopic("work-events", 2, (short) 1),
                  new NewTopic("predictions", 8, (short) 1).configs(AS_DEFINED),
                  new NewTopic("of-others", 1, (short) 1)))
          .all()
          .get();

      assertThat(topics("diff")).isEqualTo(1);
      assertThat(lines())
          .contains(
              "! work-events              2 partitions, to be 4: keys then go to other partitions"
                  + " than their older records",
              "~ work-events              message.timestamp.type: CreateTime, to be LogAppendTime",
              "~ work-events              retention.ms: 604800000, to be -1",
              "= predictions              8 partitions, 4 are enough: they stay, Kafka takes none"
                  + " away",
              "+ alerts                   create, 4 partitions, kept 90 days",
              "+ worker-features          create, 4 partitions, the newest of each key is kept")
          .noneMatch(line -> line.contains("of-others"))
          .hasSize(Topic.values().length - 2 + 4);

      assertThat(answering("\n")).isEqualTo(1);
      assertThat(lines()).last().asString().endsWith("? [y/N] Nothing was changed");
      assertThat(admin.listTopics().names().get()).hasSize(3);

      assertThat(answering("y\n")).isZero();
      assertThat(lines())
          .contains("Partitions are added with --add-partitions only")
          .last()
          .asString()
          .endsWith("Done: 17 changes");
      assertThat(setting(admin, "work-events", "retention.ms")).isEqualTo("-1");
      assertThat(setting(admin, "worker-features", "cleanup.policy")).isEqualTo("compact");

      // a broker knows of a topic a moment after the controller has made it
      await().atMost(LIMIT).until(() -> topics("diff") == 1 && lines().size() == 2);
      assertThat(topics("apply", "--yes", "--add-partitions")).isZero();
      await().atMost(LIMIT).until(() -> topics("diff") == 0);
      assertThat(topics("apply")).isZero();
      assertThat(lines()).last().asString().isEqualTo("There is nothing to do");
      assertThat(partitions(admin, "work-events", "predictions", "of-others"))
          .containsExactly(4, 8, 1);
    }
  }

  private static Stream<Integer> partitions(Admin admin, String... topics) throws Exception {
    var descriptions = admin.describeTopics(List.of(topics)).allTopicNames().get();
    return Stream.of(topics).map(topic -> descriptions.get(topic).partitions().size());
  }

  private static String setting(Admin admin, String topic, String name) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return admin.describeConfigs(List.of(resource)).all().get().get(resource).get(name).value();
  }

  private int answering(String answer) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8)));
    try {
      return topics("apply");
    } finally {
      System.setIn(before);
    }
  }

  private int topics(String command, String... more) {
    out.getBuffer().setLength(0);
    String[] arguments =
        Stream.concat(Stream.of("topics", command, "--bootstrap-servers", servers), Stream.of(more))
            .toArray(String[]::new);
    return Crewcast.commandLine().setOut(new PrintWriter(out, true)).execute(arguments);
  }

  private List<String> lines() {
    return out.toString().lines().toList();
  }
}
