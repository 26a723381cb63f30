package io.crewcast.local.cli;

import io.crewcast.local.stack.Home;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.local.stack.Part;
import io.crewcast.local.stack.StackOptions;
import io.crewcast.local.stack.StackOptions.Ports;
import io.crewcast.local.stack.StackOptions.Use;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.sinks.kafka.Topics;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code up}: the local stack until Ctrl-C. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description = {
      "Starts Kafka, the schema registry, Redis and a Flink cluster on 127.0.0.1 until Ctrl-C.",
      "Each start is a fresh one: topics, schemas, features and jobs of the last are gone."
    })
final class Up implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      defaultValue = "9092",
      description = "${DEFAULT-VALUE}; 0 takes a free one, as for all ports.")
  private int kafkaPort;

  @Option(
      names = "--registry-port",
      paramLabel = "PORT",
      defaultValue = "8085",
      description = "${DEFAULT-VALUE}")
  private int registryPort;

  @Option(
      names = "--redis-port",
      paramLabel = "PORT",
      defaultValue = "6379",
      description = "${DEFAULT-VALUE}")
  private int redisPort;

  @Option(
      names = "--dashboard-port",
      paramLabel = "PORT",
      defaultValue = "8081",
      description = "Flink's dashboard and REST interface: ${DEFAULT-VALUE}")
  private int dashboardPort;

  @Option(
      names = "--task-managers",
      paramLabel = "N",
      defaultValue = "2",
      description = "Flink processes that run tasks, 4 GB each: ${DEFAULT-VALUE}")
  private int taskManagers;

  @Option(
      names = "--slots",
      paramLabel = "N",
      defaultValue = "2",
      description = "Tasks side by side in each of them: ${DEFAULT-VALUE}")
  private int slots;

  @Option(
      names = "--without",
      paramLabel = "PART",
      split = ",",
      description = "Leave out: ${COMPLETION-CANDIDATES}.")
  private List<Part> without = List.of();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Data and logs, emptied at the start; .crewcast/stack in the checkout if not said.")
  private @Nullable Path data;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Set<Part> parts = EnumSet.allOf(Part.class);
    parts.removeAll(without);
    Path directory = data == null ? Home.find().data().resolve("stack") : data;
    StackOptions options =
        new StackOptions(
            parts,
            directory,
            new Ports(kafkaPort, registryPort, redisPort, dashboardPort),
            taskManagers,
            slots,
            Use.LASTING);
    out.println("Starting ...");
    out.flush();
    long start = System.nanoTime();
    LocalStack stack = LocalStack.start(options);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stack, out), "stop the stack"));
    if (parts.contains(Part.KAFKA)) {
      Topics.create(stack.bootstrapServers(), List.of(Topic.values()));
    }
    print(stack, parts, out);
    out.printf(
        "Up after %.1f s. Ctrl-C stops all.%n", (System.nanoTime() - start) / 1_000_000_000.0);
    out.flush();
    new CountDownLatch(1).await();
    return 0;
  }

  private static void print(LocalStack stack, Set<Part> parts, PrintWriter out) {
    for (Part part : parts) {
      switch (part) {
        case KAFKA -> line(out, "Kafka", stack.bootstrapServers());
        case REGISTRY -> line(out, "Schema registry", stack.registryUrl());
        case REDIS -> line(out, "Redis", stack.redisUri());
        case FLINK -> line(out, "Flink dashboard", stack.flink().dashboard());
      }
    }
    line(out, "Data and logs", stack.directory());
  }

  private static void line(PrintWriter out, String name, Object where) {
    out.printf("%-16s %s%n", name, where);
  }

  private static void stop(LocalStack stack, PrintWriter out) {
    out.println("Stopping ...");
    out.flush();
    stack.close();
    out.println("Stopped.");
    out.flush();
  }
}
