package io.crewcast.local.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import redis.clients.jedis.RedisClient;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StackIT {
  private static final String INT_FIELD = record("{\"name\":\"minutes\",\"type\":\"int\"}");
  private static final String STRING_FIELD = record("{\"name\":\"minutes\",\"type\":\"string\"}");

  private LocalStack stack;

  @BeforeAll
  void start() {
    stack = LocalStack.start(Part.KAFKA, Part.REGISTRY, Part.REDIS, Part.FLINK);
  }

  @AfterAll
  void close() {
    List<ProcessHandle> children = ProcessHandle.current().descendants().toList();
    Path directory = stack.directory();
    assertThat(children).hasSizeGreaterThanOrEqualTo(5);
    stack.close();
    assertThat(children).noneMatch(ProcessHandle::isAlive);
    assertThat(directory).doesNotExist();
  }

  @Test
  void carriesARecordWithinATransactionFromAProducerToAConsumer() throws Exception {
    Map<String, Object> servers = Map.of("bootstrap.servers", stack.bootstrapServers());
    try (Admin admin = Admin.create(servers)) {
      admin.createTopics(List.of(new NewTopic("hours", 1, (short) 1))).all().get();
    }
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of(
                "bootstrap.servers", stack.bootstrapServers(), "transactional.id", "stack-it"),
            new StringSerializer(),
            new StringSerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("hours", "acme:w-1", "480")).get();
      producer.commitTransaction();
    }
    try (var consumer =
        new KafkaConsumer<>(servers, new StringDeserializer(), new StringDeserializer())) {
      TopicPartition partition = new TopicPartition("hours", 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      assertThat(consumer.poll(Duration.ofSeconds(20)))
          .extracting(record -> record.key() + "=" + record.value())
          .containsExactly("acme:w-1=480");
    }
  }

  @Test
  void refusesASchemaThatOldReadersCannotRead() throws Exception {
    assertThat(send("POST", "/subjects/hours-value/versions", schema(INT_FIELD)).statusCode())
        .isEqualTo(200);
    assertThat(send("PUT", "/config/hours-value", "{\"compatibility\":\"BACKWARD\"}").statusCode())
        .isEqualTo(200);

    assertThat(send("POST", "/subjects/hours-value/versions", schema(STRING_FIELD)).statusCode())
        .isEqualTo(409);
  }

  @Test
  void answersRedisCommands() {
    try (RedisClient redis = RedisClient.create(stack.redisUri())) {
      redis.set("key", "value");
      assertThat(redis.get("key")).isEqualTo("value");
    }
  }

  @Test
  void runsTwoTaskManagersOfTwoSlotsAndServesTheDashboard() throws Exception {
    assertThat(stack.flink().client().overview().taskManagers()).isEqualTo(2);
    assertThat(stack.flink().client().overview().slots()).isEqualTo(4);
    HttpResponse<String> page =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create(stack.flink().dashboard())).build(),
                BodyHandlers.ofString());
    assertThat(page.body()).contains("Apache Flink Web Dashboard");
  }

  @Test
  void goesOnWithAFreshTaskManagerWhenOneWasKilled() {
    stack.flink().killTaskManager();
    stack.flink().startTaskManager();
    stack.flink().awaitTaskManagers();

    assertThat(stack.flink().client().taskManagers()).hasSize(2).doesNotContain("taskmanager-1");
  }

  @Test
  void keepsCrewcastOffTheClusterSoThatAJobsJarHasToBringAll() throws Exception {
    try (var jars = Files.list(Home.find().flinkLib())) {
      assertThat(jars.map(jar -> jar.getFileName().toString()))
          .isNotEmpty()
          .noneMatch(jar -> jar.contains("crewcast") || jar.contains("kafka"));
    }
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(stack.registryUrl() + path))
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .method(method, BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
  }

  private static String record(String field) {
    return "{\"type\":\"record\",\"name\":\"Hours\",\"fields\":[" + field + "]}";
  }

  private static String schema(String avro) {
    return "{\"schema\":\"" + avro.replace("\"", "\\\"") + "\"}";
  }
}
