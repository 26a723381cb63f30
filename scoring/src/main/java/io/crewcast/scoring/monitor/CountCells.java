package io.crewcast.scoring.monitor;

import io.crewcast.schemas.stream.InputCounts;
import io.crewcast.schemas.stream.ObservedValues;
import io.crewcast.schemas.stream.WindowCounts;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.java.functions.KeySelector;
import org.jspecify.annotations.Nullable;

/** Counts the cells of one share of a window's owners; shares add up to the window. */
public final class CountCells
    implements AggregateFunction<ObservedValues, WindowCounts, WindowCounts> {

  /** So many tasks at most share the owners of one version, so that none has them all. */
  private static final int SHARES = 16;

  /** A version's share of owners. */
  public static final KeySelector<ObservedValues, String> SHARE =
      values ->
          String.join(
              "\u0001",
              values.getModel(),
              Integer.toString(values.getModelVersion()),
              values.getCompanyId(),
              Integer.toString(Math.floorMod(values.getOwner().hashCode(), SHARES)));

  @Override
  public WindowCounts createAccumulator() {
    return new WindowCounts();
  }

  @Override
  public WindowCounts add(ObservedValues values, WindowCounts counts) {
    if (counts.getModel() == null) {
      counts.setModel(values.getModel());
      counts.setModelVersion(values.getModelVersion());
      counts.setCompanyId(values.getCompanyId());
      counts.setWindowStart(values.getWindowStart());
      counts.setWindowEnd(values.getWindowEnd());
      counts.setInputs(new ArrayList<>());
    }
    for (int i = 0; i < values.getPlaces().size(); i++) {
      int place = values.getPlaces().get(i);
      double value = values.getValues().get(i);
      InputCounts one = new InputCounts(new ArrayList<>(), null, null, 0L);
      one.setCounts(oneIn(values.getCells().get(i)));
      one.setOutOfRange(values.getBeyond().contains(place) ? 1L : 0L);
      if (Double.isFinite(value)) {
        one.setLeast(value);
        one.setGreatest(value);
      }
      addTo(counts, place, one);
    }
    return counts;
  }

  private static List<Long> oneIn(int cell) {
    List<Long> counts = new ArrayList<>(cell + 1);
    for (int i = 0; i < cell; i++) {
      counts.add(0L);
    }
    counts.add(1L);
    return counts;
  }

  @Override
  public WindowCounts getResult(WindowCounts counts) {
    return counts;
  }

  @Override
  public WindowCounts merge(WindowCounts one, WindowCounts other) {
    return sum(one, other);
  }

  /** Both together; the window is that of the first. */
  static WindowCounts sum(WindowCounts one, WindowCounts other) {
    WindowCounts sum = WindowCounts.newBuilder(one).build();
    for (int place = 0; place < other.getInputs().size(); place++) {
      addTo(sum, place, other.getInputs().get(place));
    }
    return sum;
  }

  private static void addTo(WindowCounts counts, int place, InputCounts more) {
    List<InputCounts> inputs = counts.getInputs();
    while (inputs.size() <= place) {
      inputs.add(new InputCounts(new ArrayList<>(), null, null, 0L));
    }
    InputCounts input = inputs.get(place);
    for (int cell = 0; cell < more.getCounts().size(); cell++) {
      if (cell < input.getCounts().size()) {
        input.getCounts().set(cell, input.getCounts().get(cell) + more.getCounts().get(cell));
      } else {
        input.getCounts().add(more.getCounts().get(cell));
      }
    }
    input.setLeast(lesser(input.getLeast(), more.getLeast(), 1));
    input.setGreatest(lesser(input.getGreatest(), more.getGreatest(), -1));
    input.setOutOfRange(input.getOutOfRange() + more.getOutOfRange());
  }

  private static @Nullable Double lesser(
      @Nullable Double one, @Nullable Double other, int direction) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return direction * one.compareTo(other) <= 0 ? one : other;
  }
}
