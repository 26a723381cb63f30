package io.crewcast.local.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * {@code bench} for the list of commands. The launcher starts the program itself, from module
 * benchmarks with a class path of its own.
 */
@Command(
    name = "bench",
    description =
        "Measures on this machine, against targets, what features, scores and Redis cost and how"
            + " good models are.")
final class Bench implements Callable<Integer> {
  @Unmatched private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() {
    throw new IllegalStateException(
        "bench has a class path of its own: run ./crewcast bench %s, nothing before bench"
            .formatted(String.join(" ", arguments))
            .strip());
  }
}
