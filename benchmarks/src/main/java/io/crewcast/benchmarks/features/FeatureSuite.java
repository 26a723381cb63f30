package io.crewcast.benchmarks.features;

import io.crewcast.benchmarks.measure.Figure;
import io.crewcast.benchmarks.measure.Jmh;
import io.crewcast.benchmarks.measure.ProcessCost;
import io.crewcast.benchmarks.measure.Suite;
import io.crewcast.benchmarks.measure.Target;
import io.crewcast.benchmarks.measure.TaskManager;
import io.crewcast.features.definition.EntityDefinition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.TimeValue;

/** What features cost: updates against Flink's own window, window lengths, history, expiry. */
public final class FeatureSuite implements Suite {

  private static final Target UPDATES_A_SECOND = Target.atLeast(25_000);
  private static final Target UPDATE_P99_MICROS = Target.below(150);
  private static final Target TIMES_FLINKS_WINDOW = Target.atLeast(300);
  private static final Target LONG_TO_SHORT_WINDOWS = Target.atMost(1.15);
  private static final Target LONG_TO_SHORT_HISTORY = Target.atMost(1.1);
  private static final Target MIDNIGHT_TO_NORMAL = Target.below(5);

  /**
   * How much is measured.
   *
   * @param keys where nothing else is said
   * @param historyDays of these
   * @param windowKeys for the two window lengths
   * @param oldKeys for a year of history
   * @param youngKeys for a day of it, as many as fit into memory
   * @param minuteSeconds of the minutes before and after midnight
   * @param warmUpSeconds before each measurement
   * @param measuredSeconds of it
   */
  private record Scale(
      int keys,
      int historyDays,
      int windowKeys,
      int oldKeys,
      int youngKeys,
      int minuteSeconds,
      int warmUpSeconds,
      int measuredSeconds) {

    private static final Scale FULL = new Scale(10_000, 10, 2_000, 1_000, 5_000, 60, 10, 40);
    private static final Scale QUICK = new Scale(1_000, 8, 200, 20, 200, 10, 2, 4);

    static Scale of(boolean quick) {
      return quick ? QUICK : FULL;
    }
  }

  private static final int IDLE = 100_000;

  @Override
  public List<Figure> measure(Jmh jmh, boolean quick) throws RunnerException {
    Scale scale = Scale.of(quick);
    List<Figure> figures = new ArrayList<>();
    againstFlinksWindow(jmh, scale, figures);
    byWindowLength(jmh, scale, figures);
    byHistory(jmh, scale, figures);
    atMidnight(jmh, scale, figures);
    inState(figures);
    return figures;
  }

  private static void againstFlinksWindow(Jmh jmh, Scale scale, List<Figure> figures)
      throws RunnerException {
    Jmh.Result update = updates(jmh, "updates", true, scale);
    Jmh.Result unknown = updates(jmh, "updates of what is not in memory", false, scale);
    Jmh.Result window =
        jmh.run(
                "Flink's sliding window",
                SlidingWindowBenchmark.class,
                options ->
                    options
                        .param("keys", text(scale.keys()))
                        .warmupTime(TimeValue.seconds(scale.warmUpSeconds()))
                        .measurementIterations(1)
                        .measurementTime(TimeValue.seconds(scale.measuredSeconds())))
            .only();
    double rate = update.counted(ProcessCost.RATE);
    double cpu = update.counted(ProcessCost.CPU);
    double windowRate = window.counted(ProcessCost.RATE);
    double windowCpu = window.counted(ProcessCost.CPU);

    double vectors = update.counted("vectorsAChange");
    figures.add(
        Figure.of("Entity updates, by a change or by expiry, 25 features", rate * vectors, "/s")
            .withTarget(UPDATES_A_SECOND));
    figures.add(Figure.of("  processor time of one, whole process", cpu / vectors, "us"));
    figures.add(Figure.of("Changes, with the expiries between them", rate, "/s"));
    figures.add(Figure.of("  processor time of one, whole process", cpu, "us"));
    figures.add(Figure.of("  latency of one, p50", update.quantile(0.5), "us"));
    figures.add(
        Figure.of("  latency of one, p99", update.quantile(0.99), "us")
            .withTarget(UPDATE_P99_MICROS));
    figures.add(Figure.of("  latency of one, p99.9", update.quantile(0.999), "us"));
    figures.add(Figure.of("  on the processor, p50", update.counted("processorP50"), "us"));
    figures.add(
        Figure.of("  on the processor, p99", update.counted("processorP99"), "us")
            .withTarget(UPDATE_P99_MICROS));
    figures.add(Figure.of("  on the processor, p99.9", update.counted("processorP999"), "us"));
    double unknownRate = unknown.counted(ProcessCost.RATE) * unknown.counted("vectorsAChange");
    figures.add(Figure.of("Entity updates with none in memory", unknownRate, "/s"));
    figures.add(Figure.of("  latency of one, p50", unknown.quantile(0.5), "us"));
    figures.add(Figure.of("  latency of one, p99", unknown.quantile(0.99), "us"));
    figures.add(
        Figure.of("Flink's sliding window, 30 d by 1 h, one sum; changes to it", windowRate, "/s")
            .withRatio(rate / windowRate)
            .withTarget(TIMES_FLINKS_WINDOW));
    figures.add(
        Figure.of("  processor time of one, whole process; it to a change", windowCpu, "us")
            .withRatio(windowCpu / cpu)
            .withTarget(TIMES_FLINKS_WINDOW));
  }

  private static Jmh.Result updates(Jmh jmh, String what, boolean inMemory, Scale scale)
      throws RunnerException {
    return jmh.run(
            what,
            UpdateBenchmark.class,
            options ->
                options
                    .param("keys", text(scale.keys()))
                    .param("inMemory", String.valueOf(inMemory))
                    .param("historyDays", text(scale.historyDays()))
                    .warmupTime(TimeValue.seconds(scale.warmUpSeconds()))
                    .measurementTime(TimeValue.seconds(scale.measuredSeconds())))
        .only();
  }

  private static void byWindowLength(Jmh jmh, Scale scale, List<Figure> figures)
      throws RunnerException {
    Jmh.Result result =
        sideBySide(jmh, "window lengths", "WINDOWS", scale.windowKeys(), scale.windowKeys());
    double hour = aChange(result, "littleChange");
    double month = aChange(result, "muchChange");
    figures.add(Figure.of("Processor time of an update alone, all windows 1 hour", hour, "us"));
    figures.add(
        Figure.of("  all windows 30 days, to that", month, "us")
            .withRatio(month / hour)
            .withTarget(LONG_TO_SHORT_WINDOWS));
    double hourInAll = aChange(result, "littleInAll");
    double monthInAll = aChange(result, "muchInAll");
    figures.add(Figure.of("  with expiry, whole process, all windows 1 hour", hourInAll, "us"));
    figures.add(
        Figure.of("  with expiry, whole process, all windows 30 days, to that", monthInAll, "us")
            .withRatio(monthInAll / hourInAll));
  }

  private static void byHistory(Jmh jmh, Scale scale, List<Figure> figures) throws RunnerException {
    Jmh.Result result =
        sideBySide(jmh, "lengths of history", "HISTORY", scale.oldKeys(), scale.youngKeys());
    double dayOfHistory = aChange(result, "littleChange");
    double yearOfHistory = aChange(result, "muchChange");
    figures.add(
        Figure.of("Processor time of an update alone, a day of history", dayOfHistory, "us"));
    figures.add(
        Figure.of("  a year of history, to that", yearOfHistory, "us")
            .withRatio(yearOfHistory / dayOfHistory)
            .withTarget(LONG_TO_SHORT_HISTORY));
    double young = aChange(result, "littleInAll");
    double old = aChange(result, "muchInAll");
    figures.add(Figure.of("  with expiry, whole process, a day of history", young, "us"));
    figures.add(
        Figure.of("  with expiry, whole process, a year of history, to that", old, "us")
            .withRatio(old / young));
  }

  private static Jmh.Result sideBySide(
      Jmh jmh, String what, String comparison, int keys, int littleKeys) throws RunnerException {
    return jmh.run(
            what,
            SideBySideBenchmark.class,
            options ->
                options
                    .param("comparison", comparison)
                    .param("keys", text(keys))
                    .param("littleKeys", text(littleKeys)))
        .only();
  }

  private static double aChange(Jmh.Result result, String counter) {
    return result.counted(counter) / result.counted("changes");
  }

  private static void atMidnight(Jmh jmh, Scale scale, List<Figure> figures)
      throws RunnerException {
    Jmh.Result minutes =
        jmh.run(
                "midnight",
                MidnightBenchmark.class,
                options ->
                    options
                        .param("idle", text(IDLE))
                        .param("keys", text(scale.keys()))
                        .param("seconds", text(scale.minuteSeconds())))
            .only();
    figures.add(Figure.of("Latency in a normal minute, p99", minutes.counted("normalP99"), "us"));
    figures.add(
        Figure.of("  after midnight, p99, to that", minutes.counted("midnightP99"), "us")
            .withRatio(minutes.counted("midnightP99") / minutes.counted("normalP99"))
            .withTarget(MIDNIGHT_TO_NORMAL));
    double normal = minutes.counted("normalProcessorP99");
    double midnight = minutes.counted("midnightProcessorP99");
    figures.add(Figure.of("  normal, by processor time, p99", normal, "us"));
    figures.add(
        Figure.of("  after midnight, by processor time, p99, to that", midnight, "us")
            .withRatio(midnight / normal)
            .withTarget(MIDNIGHT_TO_NORMAL));
    figures.add(
        Figure.of(
            "  expiries after midnight",
            minutes.counted("expiryRows") / scale.minuteSeconds(),
            "/s"));
  }

  private static void inState(List<Figure> figures) {
    EntityDefinition worker;
    try {
      worker = WorkerFeatures.manyWindows();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (int days : List.of(1, 30, 365, 730)) {
      StateSize size = StateSize.of(worker, days);
      String history = days == 1 ? "a day" : format("%d days", days);
      figures.add(Figure.of("State of a worker after " + history, size.all(), "bytes"));
      figures.add(Figure.of("  the record", size.record(), "bytes"));
      figures.add(Figure.of("  pages beside it", size.pages(), "pages"));
    }
  }

  @Override
  public List<String> notes(boolean quick) {
    Scale scale = Scale.of(quick);
    return List.of(
        format(
            "RocksDB on disk, with flink-conf/config.yaml and the %,d MB of one slot; one thread.",
            TaskManager.ofTheCheckout().managedMemoryOfASlot() >> 20),
        format(
            "%,d keys, %d changes a day each; %d days of history (none in Flink's window).",
            scale.keys(), WorkerChanges.A_DAY, scale.historyDays()),
        format(
            "Window lengths: %,d keys, 31 days of history. History: %,d keys with a year, %,d with a day.",
            scale.windowKeys(), scale.oldKeys(), scale.youngKeys()),
        format(
            "Midnight: %,d idle entities leave a window; other events at 1,000/s, for %d s of event time.",
            IDLE, scale.minuteSeconds()));
  }

  private static String format(String text, Object... values) {
    return String.format(Locale.ROOT, text, values);
  }

  private static String text(int number) {
    return Integer.toString(number);
  }
}
