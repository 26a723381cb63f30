package io.crewcast.local.stack;

import io.crewcast.local.stack.StackOptions.Ports;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Real servers on 127.0.0.1: a Kafka broker in this JVM; a schema registry, Redis and a Flink
 * cluster as processes that end with it. Nothing is kept from one start to the next. Asking for a
 * server that was not started is a {@link StackException}.
 *
 * <pre>{@code
 * try (LocalStack stack = LocalStack.start(Part.KAFKA, Part.REGISTRY)) {
 *   produce(stack.bootstrapServers(), stack.registryUrl());
 * }
 * }</pre>
 */
public final class LocalStack implements AutoCloseable {
  private final Path directory;
  private final boolean temporary;

  /** What closing has to end, newest first. */
  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  private @Nullable KafkaBroker kafka;
  private @Nullable SchemaRegistry registry;
  private @Nullable RedisProcess redis;
  private @Nullable FlinkCluster flink;

  private LocalStack(Path directory, boolean temporary) {
    this.directory = directory;
    this.temporary = temporary;
  }

  /** Starts {@code parts} on free ports, with a temporary folder. */
  public static LocalStack start(Part... parts) {
    return start(StackOptions.of(parts));
  }

  /**
   * Checks the machine, starts what is asked for and returns when all of it answers.
   *
   * @throws StackException with what to do, if the machine lacks something or a server fails;
   *     nothing is left running then
   */
  public static LocalStack start(StackOptions options) {
    check(options);
    return startChecked(options);
  }

  /**
   * Checks the machine and starts what is asked for while the caller does something else.
   *
   * @return completes when all of it answers, exceptionally if a server fails
   * @throws StackException with what to do, if the machine lacks something
   */
  public static CompletableFuture<LocalStack> startAside(StackOptions options) {
    check(options);
    return CompletableFuture.supplyAsync(() -> startChecked(options));
  }

  private static LocalStack startChecked(StackOptions options) {
    Home home = Home.find();
    LocalStack stack = new LocalStack(prepare(options.directory()), options.directory() == null);
    try {
      stack.startParts(home, options);
      return stack;
    } catch (RuntimeException | Error e) {
      stack.close();
      throw e;
    }
  }

  private static void check(StackOptions options) {
    Set<Part> parts = options.parts();
    Ports ports = options.ports();
    Machine.requireJava17();
    int memory = 0;
    for (Part part : parts) {
      memory += part.memoryMegabytes();
    }
    if (parts.contains(Part.KAFKA)) {
      Machine.requireFreePort(ports.kafka(), "--kafka-port");
    }
    if (parts.contains(Part.REGISTRY)) {
      Machine.requireFreePort(ports.registry(), "--registry-port");
    }
    if (parts.contains(Part.REDIS)) {
      Machine.requireFreePort(ports.redis(), "--redis-port");
      Machine.requireLibrary("libssl.so.3", "libssl3", "Redis");
    }
    if (parts.contains(Part.FLINK)) {
      Machine.requireFreePort(ports.dashboard(), "--dashboard-port");
      Machine.requireLibrary("libgomp.so.1", "libgomp1", "XGBoost");
      memory += options.taskManagers() * FlinkCluster.TASK_MANAGER_MEGABYTES;
    }
    Machine.requireMemory(memory);
  }

  /** What runs in processes of its own starts first and warms up while the broker starts here. */
  private void startParts(Home home, StackOptions options) {
    Set<Part> parts = EnumSet.noneOf(Part.class);
    parts.addAll(options.parts());
    Ports ports = options.ports();
    if (parts.contains(Part.FLINK)) {
      flink =
          closing(
              FlinkCluster.start(
                  home, directory.resolve("flink"), chosen(ports.dashboard()), options));
      for (int i = 0; i < options.taskManagers(); i++) {
        flink.startTaskManager();
      }
    }
    if (parts.contains(Part.REGISTRY)) {
      registry = closing(SchemaRegistry.start(home, directory, chosen(ports.registry())));
    }
    if (parts.contains(Part.REDIS)) {
      redis = closing(RedisProcess.start(directory, chosen(ports.redis())));
    }
    if (parts.contains(Part.KAFKA)) {
      kafka = closing(KafkaBroker.start(directory.resolve("kafka"), chosen(ports.kafka())));
    }
    if (redis != null) {
      redis.awaitReady();
    }
    if (registry != null) {
      registry.awaitReady();
    }
    if (flink != null) {
      flink.awaitTaskManagers();
    }
  }

  private <T extends AutoCloseable> T closing(T part) {
    started.push(part);
    return part;
  }

  private static int chosen(int port) {
    return port == 0 ? Machine.freePort() : port;
  }

  public String bootstrapServers() {
    return started(kafka, Part.KAFKA).bootstrapServers();
  }

  /** The root of Confluent's API. */
  public URI registryUrl() {
    return started(registry, Part.REGISTRY).url();
  }

  public URI redisUri() {
    return started(redis, Part.REDIS).uri();
  }

  public FlinkCluster flink() {
    return started(flink, Part.FLINK);
  }

  /** Data and logs of all servers. */
  public Path directory() {
    return directory;
  }

  private static <T> T started(@Nullable T server, Part part) {
    if (server == null) {
      throw new StackException(part + " was not started: name it in the StackOptions");
    }
    return server;
  }

  /** Ends all servers; no process of theirs is left afterwards. */
  @Override
  public synchronized void close() {
    RuntimeException failure = null;
    while (!started.isEmpty()) {
      try {
        started.pop().close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new StackException("Cannot end a server: " + e.getMessage(), e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (temporary) {
      delete(directory);
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static Path prepare(@Nullable Path wanted) {
    try {
      if (wanted == null) {
        return Files.createTempDirectory("crewcast-");
      }
      Path directory = wanted.toAbsolutePath().normalize();
      delete(directory);
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw new StackException("Cannot create the stack's folder: " + e.getMessage(), e);
    }
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try {
      Files.walkFileTree(
          directory,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
                throws IOException {
              if (failure != null) {
                throw failure;
              }
              Files.delete(folder);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new StackException("Cannot delete " + directory + ": " + e.getMessage(), e);
    }
  }
}
