package io.crewcast.local.demo;

import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;

/** Prints each stage of a run on a line of its own with its seconds, a bar while it lasts. */
public final class Stages {
  private final PrintWriter out;
  private final Bars bars;

  /** Starts progress bars. */
  @FunctionalInterface
  public interface Bars {
    /**
     * Starts one.
     *
     * @param total steps to come, -1 when unknown
     */
    ProgressBar start(String name, long total);
  }

  /** What a stage does; it returns what came of it, in words. */
  @FunctionalInterface
  interface Stage {
    String run(ProgressBar bar) throws Exception;
  }

  public Stages(PrintWriter out, Bars bars) {
    this.out = out;
    this.bars = bars;
  }

  void run(String name, long total, Stage stage) throws Exception {
    long start = System.nanoTime();
    String outcome;
    try (ProgressBar bar = bars.start(name, total)) {
      outcome = stage.run(bar);
    }
    say(
        String.format(
            Locale.ROOT, "%6.1f s  %-12s %s", (System.nanoTime() - start) / 1e9, name, outcome));
  }

  void say(String line) {
    out.println(line);
    out.flush();
  }
}
