package io.crewcast.local.cli;

import io.crewcast.schemas.serde.HttpUrl;
import io.crewcast.sinks.kafka.Topics;
import io.crewcast.sinks.redis.RedisAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Options for where servers are, as mixins; what is not said is where {@code up} puts them. */
final class Addresses {
  private Addresses() {}

  static final class Kafka {
    @Option(
        names = "--bootstrap-servers",
        paramLabel = "HOST:PORT",
        converter = Brokers.class,
        defaultValue = "127.0.0.1:9092",
        description = "Kafka (${DEFAULT-VALUE}).")
    String bootstrapServers = "";
  }

  static final class Registry {
    @Option(
        names = "--registry",
        paramLabel = "URL",
        converter = Url.class,
        defaultValue = "http://127.0.0.1:8085/apis/ccompat/v7",
        description = "Schema registry, Confluent's API (${DEFAULT-VALUE}).")
    String url = "";
  }

  static final class Redis {
    @Option(
        names = "--redis",
        paramLabel = "URI",
        converter = RedisUri.class,
        defaultValue = "redis://127.0.0.1:6379",
        description =
            "Redis (${DEFAULT-VALUE}), redis://user@host:port; rediss:// for TLS; of a Cluster any"
                + " node.")
    String uri = "";

    @Option(
        names = "--redis-password-file",
        paramLabel = "FILE",
        converter = FileToRead.class,
        description = "File with the password of Redis.")
    private @Nullable Path passwordFile;

    @Option(
        names = "--redis-ca",
        paramLabel = "FILE",
        converter = FileToRead.class,
        description = "PEM file of the authorities that sign its certificate.")
    private @Nullable Path authorities;

    RedisAddress address() {
      return new RedisAddress(URI.create(uri), text(passwordFile), text(authorities));
    }

    private static @Nullable String text(@Nullable Path path) {
      return path == null ? null : path.toString();
    }
  }

  /** Kafka's brokers, comma-separated. */
  static final class Brokers implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      if (!Topics.areBrokers(text)) {
        throw new TypeConversionException(
            "'%s' is no host:port; write 127.0.0.1:9092".formatted(text));
      }
      return text;
    }
  }

  /** A server that speaks HTTP. */
  static final class Url implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      if (!HttpUrl.isOne(text)) {
        throw new TypeConversionException("'%s' is no URL; write http://host:port".formatted(text));
      }
      return text;
    }
  }

  static final class RedisUri implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
      if (!RedisAddress.isUri(text)) {
        throw new TypeConversionException(
            "'%s' is no address of Redis; write redis://host:port".formatted(text));
      }
      return text;
    }
  }

  /** An address of this machine, or a name of it. */
  static final class Internet implements ITypeConverter<InetAddress> {
    @Override
    public InetAddress convert(String text) {
      try {
        return InetAddress.getByName(text);
      } catch (UnknownHostException unused) {
        throw new TypeConversionException(
            "'%s' is no address; write 127.0.0.1, or 0.0.0.0 for all of this machine"
                .formatted(text));
      }
    }
  }
}
