package io.crewcast.benchmarks.redis;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** {@code redis-benchmark}, which comes with Redis: one connection, as a subtask of a sink has. */
public final class RedisBenchmarkProgram {

  private static final String NAME = "redis-benchmark";

  private final URI redis;
  private final int depth;

  RedisBenchmarkProgram(URI redis, int depth) {
    this.redis = redis;
    this.depth = depth;
  }

  /** Whether this machine has it. */
  public static boolean isThere() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, NAME)));
  }

  /** Refuses to measure without it. */
  static void require() {
    if (!isThere()) {
      throw new IllegalStateException(
          "redis-benchmark is not there to compare with: install it (Debian: apt-get install"
              + " redis-tools)");
    }
  }

  /** Commands a second that write the rows' fields, of as many bytes each, of random keys. */
  double hset(WorkerRows rows) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("HSET", key(rows)));
    int field = 0;
    for (int[] bytes : rows.fieldBytes()) {
      command.add(Integer.toString(field++ + 10).repeat(bytes[0]).substring(0, bytes[0]));
      command.add("x".repeat(bytes[1]));
    }
    return commandsASecond(rows.workers(), command);
  }

  /** Commands a second that write as many bytes as one value of random keys. */
  double set(WorkerRows rows) throws IOException, InterruptedException {
    int bytes = rows.fieldBytes().stream().mapToInt(each -> each[0] + each[1]).sum();
    return commandsASecond(rows.workers(), List.of("SET", "s" + key(rows), "x".repeat(bytes)));
  }

  /** Of the length of a row's key; the program puts twelve digits in place of the last word. */
  private static String key(WorkerRows rows) {
    return "k".repeat(rows.keyBytes() - 12) + "__rand_int__";
  }

  private double commandsASecond(int keys, List<String> command)
      throws IOException, InterruptedException {
    List<String> call =
        new ArrayList<>(
            List.of(
                NAME,
                "-h",
                redis.getHost(),
                "-p",
                Integer.toString(redis.getPort()),
                "-c",
                "1",
                "-P",
                Integer.toString(depth),
                "-r",
                Integer.toString(keys),
                "-n",
                Integer.toString(keys),
                "--csv"));
    call.addAll(command);
    Process program = new ProcessBuilder(call).redirectErrorStream(true).start();
    String output =
        new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (program.waitFor() != 0) {
      throw new IOException("redis-benchmark failed: " + output);
    }
    String line = output.substring(output.lastIndexOf('\n') + 1);
    return Double.parseDouble(line.split("\",\"", 3)[1].replace("\"", ""));
  }
}
