package io.crewcast.sinks.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.ValueType;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.flink.runtime.metrics.groups.InternalSinkWriterMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.JedisClusterCRC16;
import redis.embedded.RedisServer;
import redis.embedded.RedisShardedCluster;

class RedisAddressTest {

  private static final FeatureSchema WORKER =
      new FeatureSchema(
          EntityType.WORKER,
          "a worker",
          List.of(new Column("open_tasks", ValueType.LONG, "open tasks")));

  @TempDir Path folder;

  @Test
  void saysWhereItIsAndNotWhatThePasswordIs() {
    assertThat(RedisAddress.of(URI.create("rediss://crewcast:secret@cache:6380/2")))
        .hasToString("rediss://cache:6380");
    assertThat(RedisAddress.isUri("redis://crewcast@cache:6379")).isTrue();
    assertThat(RedisAddress.isUri("http://cache:6379")).isFalse();
  }

  @Test
  void speaksTlsToAServerWhoseAuthorityItIsTold() throws Exception {
    Path certificate = selfSigned();
    int port = RedisServers.freePort();
    RedisServer server =
        RedisServers.started(
            RedisServers.on(RedisServers.freePort())
                .setting("tls-port " + port)
                .setting("tls-cert-file " + certificate)
                .setting("tls-key-file " + folder.resolve("key.pem"))
                .setting("tls-ca-cert-file " + certificate)
                .setting("tls-auth-clients no"));
    URI uri = URI.create("rediss://127.0.0.1:" + port);
    try {
      RedisAddress address = new RedisAddress(uri, null, certificate.toString());
      write(address, 3);

      assertThat(read(address, 3)).allSatisfy(row -> assertThat(row).isPresent());
      assertThatThrownBy(() -> read(RedisAddress.of(uri), 3))
          .isInstanceOf(JedisException.class)
          .rootCause()
          .hasMessageContaining("unable to find valid certification path");
    } finally {
      server.stop();
    }
  }

  /** As the README says: a user that may do no more than is needed. */
  @Test
  void isLetInWithAPasswordFromAFileAndRefusedInALineThatSaysWhatToDo() throws Exception {
    int port = RedisServers.freePort();
    RedisServer server =
        RedisServers.started(
            RedisServers.on(port)
                .setting(
                    "user crewcast on >secret ~* +evalsha +script|load +hget +hset +hmget +pexpire")
                .setting("user reader on >secret ~* +hmget")
                .setting("user default off"));
    Path password = Files.writeString(folder.resolve("password"), "secret\n");
    try {
      RedisAddress address =
          new RedisAddress(
              URI.create("redis://crewcast@127.0.0.1:" + port), password.toString(), null);
      write(address, 3);

      assertThat(read(address, 3)).allSatisfy(row -> assertThat(row).isPresent());
      RedisAddress reader =
          new RedisAddress(URI.create("redis://reader:secret@127.0.0.1:" + port), null, null);
      assertThat(read(reader, 3)).allSatisfy(row -> assertThat(row).isPresent());
      assertThatThrownBy(() -> write(reader, 1))
          .hasMessageStartingWith("redis://127.0.0.1:%d refuses to write: NOPERM".formatted(port))
          .hasMessageContaining("Its user needs ~* +evalsha")
          .hasMessageNotContaining("secret");
      Files.writeString(password, "guess");
      assertThatThrownBy(() -> write(address, 1))
          .hasMessageContaining("refuses to write: WRONGPASS");
    } finally {
      server.stop();
    }
  }

  @Test
  void writesToAndReadsFromACluster() throws Exception {
    RedisShardedCluster cluster = cluster();
    cluster.start();
    int port = cluster.ports().get(0);
    RedisAddress address = RedisAddress.of(RedisServers.uri(port));
    try (var writes = writes(address);
        var online = new OnlineFeatures(address, List.of(WORKER))) {
      writes.write(vectors(300, 1));
      assertThat(sequences(online, 300)).containsOnly(1L);
      assertThat(cluster.ports()).allSatisfy(each -> assertThat(keys(each)).isBetween(60L, 140L));

      move(JedisClusterCRC16.getSlot(key("w-7")), cluster.ports());
      writes.write(vectors(300, 2));

      assertThat(sequences(online, 300)).containsOnly(2L);
    } finally {
      cluster.stop();
    }
  }

  private static RedisShardedCluster cluster() throws IOException {
    var builder =
        RedisShardedCluster.newRedisCluster().withServerBuilder(RedisServers.on(0)).ephemeral();
    for (String shard : List.of("a", "b", "c")) {
      builder.shard(shard, 0);
    }
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      ports.add(RedisServers.freePort(55_535)); // the bus listens 10,000 above
    }
    return builder.serverPorts(ports).build();
  }

  private static byte[] key(String worker) {
    return FeastView.of(WORKER).key("acme", List.of(worker));
  }

  private static long keys(int port) {
    try (Jedis node = new Jedis(RedisServers.uri(port))) {
      return node.dbSize();
    }
  }

  /** A slot, of keys that are dropped, from the node that has it to another. */
  private static void move(int slot, List<Integer> ports) {
    List<Jedis> nodes = ports.stream().map(port -> new Jedis(RedisServers.uri(port))).toList();
    Jedis from =
        nodes.stream()
            .filter(node -> node.clusterCountKeysInSlot(slot) > 0)
            .findFirst()
            .orElseThrow();
    Jedis to = nodes.stream().filter(node -> node != from).findFirst().orElseThrow();
    from.clusterGetKeysInSlotBinary(slot, 100).forEach(from::del);
    String id = to.clusterMyId();
    to.clusterSetSlotNode(slot, id);
    from.clusterSetSlotNode(slot, id);
    nodes.forEach(Jedis::close);
  }

  /** Makes {@code key.pem} too. */
  private Path selfSigned() throws Exception {
    Path store = folder.resolve("store.p12");
    Process keytool = new ProcessBuilder(keytool(store)).redirectErrorStream(true).start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(keytool.waitFor()).as(output).isZero();
    KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
    pem("key.pem", "PRIVATE KEY", keys.getKey("redis", "changeit".toCharArray()).getEncoded());
    return pem("cert.pem", "CERTIFICATE", keys.getCertificate("redis").getEncoded());
  }

  private static List<String> keytool(Path store) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(
        List.of(
            ("-genkeypair -alias redis -keyalg EC -dname CN=redis -ext san=ip:127.0.0.1 -validity 2"
                    + " -storetype PKCS12 -storepass changeit -keystore "
                    + store)
                .split(" ")));
    return command;
  }

  private Path pem(String name, String what, byte[] der) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return Files.writeString(
        folder.resolve(name),
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n".formatted(what, text));
  }

  private static OnlineWrites<FeatureVector> writes(RedisAddress address) {
    return new OnlineWrites<>(
        address,
        new FeatureViews(List.of(WORKER), Duration.ofDays(30)),
        new WriteMetrics(
            InternalSinkWriterMetricGroup.wrap(
                UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup())));
  }

  private static void write(RedisAddress address, int workers) throws InterruptedException {
    try (var writes = writes(address)) {
      writes.write(vectors(workers, 1));
    }
  }

  private static List<Optional<OnlineFeatures.Row>> read(RedisAddress address, int workers) {
    try (var online = new OnlineFeatures(address, List.of(WORKER))) {
      return online.read(EntityType.WORKER, "acme", names(workers));
    }
  }

  private static List<@Nullable Long> sequences(OnlineFeatures online, int workers) {
    List<@Nullable Long> sequences = new ArrayList<>();
    for (var row : online.read(EntityType.WORKER, "acme", names(workers))) {
      sequences.add(row.map(OnlineFeatures.Row::sequence).orElse(null));
    }
    return sequences;
  }

  private static List<String> names(int workers) {
    return IntStream.range(0, workers).mapToObj(i -> "w-" + i).toList();
  }

  private static List<FeatureVector> vectors(int workers, long sequence) {
    return names(workers).stream()
        .map(
            name ->
                FeatureVector.newBuilder()
                    .setEntity(EntityType.WORKER)
                    .setCompanyId("acme")
                    .setEntityId(name)
                    .setAsOf(Instant.parse("2026-09-19T12:00:00Z"))
                    .setSequence(sequence)
                    .setValues(List.of(17L))
                    .build())
        .toList();
  }
}
