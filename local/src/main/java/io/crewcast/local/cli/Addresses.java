package io.crewcast.local.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
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
        defaultValue = "127.0.0.1:9092",
        description = "Kafka (${DEFAULT-VALUE}).")
    String bootstrapServers = "";
  }

  static final class Registry {
    @Option(
        names = "--registry",
        paramLabel = "URL",
        defaultValue = "http://127.0.0.1:8085/apis/ccompat/v7",
        description = "Schema registry, Confluent's API (${DEFAULT-VALUE}).")
    String url = "";
  }

  static final class Redis {
    @Option(
        names = "--redis",
        paramLabel = "URI",
        defaultValue = "redis://127.0.0.1:6379",
        description = "Redis (${DEFAULT-VALUE}).")
    String uri = "";
  }

  static final class Flink {
    @Option(
        names = "--flink",
        paramLabel = "URL",
        defaultValue = "http://127.0.0.1:8081",
        description = "Flink's dashboard (${DEFAULT-VALUE}).")
    String url = "";

    @Option(
        names = "-D",
        paramLabel = "KEY=VALUE",
        description =
            "A setting of Flink for this job, over the cluster's config.yaml, such as"
                + " -Dstate.backend.type=hashmap.")
    Map<String, String> settings = Map.of();
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
