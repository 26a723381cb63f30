package io.crewcast.local.cli;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress bars on standard error; nothing is drawn where nobody looks (no terminal). */
final class Progress {
  private Progress() {}

  /**
   * Starts a bar.
   *
   * @param total steps to come, -1 when unknown
   */
  static ProgressBar of(String unit, long total) {
    return builder(unit, total).build();
  }

  /** Starts a bar that is gone when it closes. */
  static ProgressBar passing(String unit, long total) {
    return builder(unit, total).clearDisplayOnFinish().build();
  }

  @SuppressWarnings(
      "SystemConsoleNull") // null without a terminal up to JDK 21; the build holds to 17
  private static ProgressBarBuilder builder(String unit, long total) {
    PrintStream stream =
        System.console() == null
            ? new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)
            : System.err;
    return new ProgressBarBuilder()
        .setTaskName(unit)
        .setInitialMax(total)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(200)
        .showSpeed()
        .setConsumer(new ConsoleProgressBarConsumer(stream, 80));
  }
}
