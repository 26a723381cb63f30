package io.crewcast.local.stack;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A server in a process of its own that cannot outlive this JVM: a shell between the two reads
 * signals for it from a pipe and kills it when the pipe ends, which the kernel sees to even if this
 * JVM is killed with -9. The terminal's Ctrl-C passes it by, so that closing decides the order.
 */
final class ChildProcess implements AutoCloseable {
  private static final String GUARD =
      """
      trap '' HUP INT
      exec 3<&0
      "$@" </dev/null 3<&- &
      child=$!
      { while read -r signal; do kill -s "$signal" "$child"; done; kill -s KILL "$child"; } <&3 &
      exec 3<&-
      wait "$child"
      status=$?
      kill -s KILL $!
      wait $!
      exit $status
      """;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final String name;
  private final Path log;
  private final Process guard;
  private final BufferedWriter signals;

  private ChildProcess(String name, Path log, Process guard) {
    this.name = name;
    this.log = log;
    this.guard = guard;
    this.signals = guard.outputWriter();
  }

  /** Starts {@code command}; what it prints is added to {@code log}. */
  static ChildProcess start(String name, Path log, List<String> command) {
    List<String> guarded = new ArrayList<>(List.of("/bin/sh", "-c", GUARD, name));
    guarded.addAll(command);
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
      Process guard =
          new ProcessBuilder(guarded)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      return new ChildProcess(name, log, guard);
    } catch (IOException e) {
      throw new StackException("Cannot start " + name + ": " + e.getMessage(), e);
    }
  }

  boolean isAlive() {
    return guard.isAlive();
  }

  /** Waits until {@code ready}; a server that ends before says so in its log. */
  void awaitReady(BooleanSupplier ready, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!ready.getAsBoolean()) {
      if (!isAlive()) {
        throw new StackException(
            name + " ended with status " + guard.exitValue() + " at its start: see " + log);
      }
      if (System.nanoTime() > deadline) {
        throw new StackException(
            name + " was not ready after " + limit.toSeconds() + " s: see " + log);
      }
      Pause.briefly();
    }
  }

  /** SIGKILL, as a crash would end it. */
  void kill() {
    try {
      signals.close();
    } catch (IOException e) {
      // The guard is gone, and so is what it guarded.
    }
    awaitEnd();
  }

  /** SIGTERM, and SIGKILL if it does not heed that. */
  @Override
  public void close() {
    terminate();
    if (!awaitEnd()) {
      kill();
    }
  }

  /** SIGTERM without waiting, for several to end side by side before each is closed. */
  void terminate() {
    try {
      signals.write("TERM\n");
      signals.flush();
    } catch (IOException e) {
      // As above: nobody reads because nobody is left.
    }
  }

  private boolean awaitEnd() {
    try {
      return guard.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
