package io.crewcast.sinks.redis;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.DefaultRedisCredentials;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.SslVerifyMode;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * Where Redis is and who asks: one server, or any node of a Cluster; the server says which it is.
 *
 * @param uri {@code redis://user:password@host:port/database}, all but the host may be left out;
 *     {@code rediss://} for TLS
 * @param passwordFile holds the password in place of the URI, which dashboards show; read at each
 *     new connection on the machine that connects. Null: the URI has it, or none is needed
 * @param authorities PEM file of the authorities that sign the server's certificate; null: those
 *     that Java trusts
 */
public record RedisAddress(URI uri, @Nullable String passwordFile, @Nullable String authorities)
    implements Serializable {

  /** How soon a client of a Cluster hears of slots that moved without asking for one of them. */
  private static final Duration TOPOLOGY_REFRESH = Duration.ofSeconds(5);

  /** Its type, and its password: what all trust is no secret. */
  private static final String TRUST_STORE = "PKCS12";

  /** An address that its URI says all of. */
  public static RedisAddress of(URI uri) {
    return new RedisAddress(uri, null, null);
  }

  /** Whether a text is {@code redis://host:port} or as much more as there may be. */
  public static boolean isUri(String text) {
    try {
      URI uri = URI.create(text);
      return JedisURIHelper.isValid(uri)
          && (JedisURIHelper.isRedisScheme(uri) || JedisURIHelper.isRedisSSLScheme(uri));
    } catch (IllegalArgumentException unused) { // no URI at all
      return false;
    }
  }

  /**
   * A client with connections of its own; may be shared by threads.
   *
   * @throws redis.clients.jedis.exceptions.JedisException when the server does not answer or
   *     refuses
   * @throws UncheckedIOException when a file cannot be read, saying what to do
   */
  UnifiedJedis connect() {
    HostAndPort node = JedisURIHelper.getHostAndPort(uri);
    JedisClientConfig config = config();
    return isOfCluster(node, config)
        ? RedisClusterClient.builder()
            .nodes(Set.of(node))
            .clientConfig(config)
            .topologyRefreshPeriod(TOPOLOGY_REFRESH)
            .build()
        : RedisClient.builder().hostAndPort(node).clientConfig(config).build();
  }

  /** Asks by HELLO, which every user may; a server older than 6 does not know it. */
  private static boolean isOfCluster(HostAndPort node, JedisClientConfig config) {
    try (Jedis server = new Jedis(node, config)) {
      List<?> properties = (List<?>) server.sendCommand(Protocol.Command.HELLO);
      for (int i = 0; i + 1 < properties.size(); i += 2) {
        if (isText(properties.get(i), "mode")) {
          return isText(properties.get(i + 1), "cluster");
        }
      }
      return false;
    } catch (JedisDataException e) {
      if (String.valueOf(e.getMessage()).startsWith("ERR unknown command")) {
        return false;
      }
      throw e;
    }
  }

  private static boolean isText(Object reply, String text) {
    return reply instanceof byte[] bytes && new String(bytes, StandardCharsets.UTF_8).equals(text);
  }

  private JedisClientConfig config() {
    var config =
        DefaultJedisClientConfig.builder()
            .protocol(RedisProtocol.RESP2)
            .clientName("crewcast")
            .credentialsProvider(() -> new DefaultRedisCredentials(user(), password()))
            .database(JedisURIHelper.getDBIndex(uri));
    if (JedisURIHelper.isRedisSSLScheme(uri)) {
      SslOptions.Builder tls = SslOptions.builder().sslVerifyMode(SslVerifyMode.FULL);
      if (authorities != null) {
        byte[] trusted = trustStore(Path.of(authorities));
        tls.trustStoreType(TRUST_STORE)
            .truststore(() -> new ByteArrayInputStream(trusted), TRUST_STORE.toCharArray());
      }
      config.sslOptions(tls.build());
    }
    return config.build();
  }

  private @Nullable String user() {
    String user = userInfo()[0];
    return user.isEmpty() ? null : user;
  }

  private @Nullable String password() {
    if (passwordFile != null) {
      try {
        return Files.readString(Path.of(passwordFile)).strip();
      } catch (IOException e) {
        throw new UncheckedIOException(
            "The password of Redis cannot be read from %s: give who runs this the right to read it"
                .formatted(passwordFile),
            e);
      }
    }
    String[] said = userInfo();
    return said.length > 1 ? said[1] : null;
  }

  private String[] userInfo() {
    String info = uri.getUserInfo();
    return (info == null ? "" : info).split(":", 2);
  }

  /** The certificates of a PEM file in the form that Java reads. */
  private static byte[] trustStore(Path file) {
    try (InputStream pem = Files.newInputStream(file)) {
      KeyStore trusted = KeyStore.getInstance(TRUST_STORE);
      trusted.load(null, null);
      for (Certificate authority :
          CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        trusted.setCertificateEntry("authority-" + trusted.size(), authority);
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      trusted.store(bytes, TRUST_STORE.toCharArray());
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The authorities of Redis cannot be read from %s: check the path and the right to read it"
              .formatted(file),
          e);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "%s holds no certificates that can be trusted (%s): write them in PEM"
              .formatted(file, e.getMessage()),
          e);
    }
  }

  /** Without user and password, for people. */
  @Override
  public String toString() {
    HostAndPort node = JedisURIHelper.getHostAndPort(uri);
    return "%s://%s".formatted(uri.getScheme(), node);
  }
}
