package io.crewcast.scoring.monitor;

import io.crewcast.schemas.DriftReference;
import io.crewcast.schemas.DriftStatistics;
import io.crewcast.schemas.stream.Signal;
import io.crewcast.schemas.stream.WindowCounts;
import io.crewcast.scoring.drift.CellCounts;
import io.crewcast.scoring.drift.Cells;
import io.crewcast.scoring.drift.Watched;
import io.crewcast.scoring.model.ModelSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Compares each window of a version, once all its counts are there, with what the version was
 * trained on and with the windows of the seven days before; keyed by {@link #KEY}. Whether that is
 * worth an alert is said by {@link #SIGNALS}.
 *
 * <p>What the calendar alone says is not compared: it differs from window to window by its nature.
 */
public final class CompareWindows
    extends KeyedProcessFunction<String, WindowCounts, DriftStatistics> {

  public static final OutputTag<Signal> SIGNALS =
      new OutputTag<>("signals", new AvroTypeInfo<>(Signal.class));

  /** Windows of one length of one version. */
  public static final KeySelector<WindowCounts, String> KEY =
      window ->
          String.join(
              "\u0001",
              window.getModel(),
              Integer.toString(window.getModelVersion()),
              window.getCompanyId(),
              Duration.between(window.getWindowStart(), window.getWindowEnd()).toString());

  private static final long WEEK = Duration.ofDays(7).toMillis();

  private final String directory;
  private final List<ModelSpec> models;

  private transient WatchedVersions versions;
  private transient MapState<Long, WindowCounts> windows;

  /**
   * @param directory that holds the versions
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public CompareWindows(String directory, List<ModelSpec> models) {
    this.directory = directory;
    this.models = List.copyOf(models);
  }

  @Override
  public void open(OpenContext context) {
    versions = new WatchedVersions(directory, models);
    windows =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>(
                    "windows", Types.LONG, new AvroTypeInfo<>(WindowCounts.class)));
  }

  @Override
  public void processElement(WindowCounts share, Context context, Collector<DriftStatistics> out)
      throws Exception {
    long start = share.getWindowStart().toEpochMilli();
    long end = share.getWindowEnd().toEpochMilli();
    WindowCounts before = windows.get(start);
    windows.put(start, before == null ? share : CountCells.sum(before, share));
    context.timerService().registerEventTimeTimer(end - 1);
    context.timerService().registerEventTimeTimer(end - 1 + WEEK);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<DriftStatistics> out)
      throws Exception {
    WindowCounts closed = null;
    List<WindowCounts> before = new ArrayList<>();
    List<Long> forgotten = new ArrayList<>();
    for (Map.Entry<Long, WindowCounts> entry : windows.entries()) {
      long end = entry.getValue().getWindowEnd().toEpochMilli();
      if (end - 1 == timestamp) {
        closed = entry.getValue();
      } else if (end + WEEK - 1 <= timestamp) {
        forgotten.add(entry.getKey());
        before.add(entry.getValue());
      } else if (end - 1 < timestamp) {
        before.add(entry.getValue());
      }
    }
    if (closed != null) {
      compare(closed, before, context, out);
    }
    for (long start : forgotten) {
      windows.remove(start);
    }
  }

  private void compare(
      WindowCounts closed,
      List<WindowCounts> before,
      Context context,
      Collector<DriftStatistics> out)
      throws Exception {
    ModelSpec spec = versions.model(closed.getModel());
    if (spec == null) {
      return; // its file is gone since
    }
    List<Watched> watched =
        versions.of(spec, closed.getModelVersion(), closed.getWindowEnd()).watched();
    DriftRows rows = new DriftRows(closed, watched, spec.monitor().entities());
    rows.compare(
        DriftReference.TRAINING, place -> training(watched, watched.get(place), rows.length()));
    rows.compare(
        DriftReference.LAST_WEEK,
        place -> lastWeek(before, place, watched, rows.entitiesOf(before, place)));
    rows.judgeQuality();
    rows.rows().forEach(out::collect);
    new DriftSignals(spec, closed, rows.rows())
        .signals()
        .forEach(signal -> context.output(SIGNALS, signal));
  }

  private static DriftRows.@Nullable Against training(
      List<Watched> watched, Watched one, Duration window) {
    Cells reference = one.reference(window);
    return reference == null
        ? null
        : new DriftRows.Against(reference.reference(), references(watched, one, reference));
  }

  /** As in a window, answers and labels are as different as what they depend on. */
  private static long references(List<Watched> watched, Watched one, Cells reference) {
    return one.role() == Watched.Role.INPUT
        ? reference.references()
        : watched.stream()
            .filter(input -> input.role() == Watched.Role.INPUT)
            .mapToLong(input -> input.cells().references())
            .reduce(reference.references(), Math::min);
  }

  private static DriftRows.@Nullable Against lastWeek(
      List<WindowCounts> windows, int place, List<Watched> watched, long entities) {
    CellCounts sum = CellCounts.none(watched.get(place).cells().size());
    for (WindowCounts window : windows) {
      sum = sum.plus(DriftRows.counts(window, place, watched.get(place).cells()));
    }
    return entities == 0 ? null : new DriftRows.Against(sum, entities);
  }
}
