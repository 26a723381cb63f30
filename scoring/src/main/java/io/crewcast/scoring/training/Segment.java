package io.crewcast.scoring.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.crewcast.scoring.model.Metric;
import io.crewcast.scoring.model.ModelSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The test part where an input has one value.
 *
 * @param value in words; {@code missing} where there is none
 * @param labelShare mean of the labels; null where it says nothing
 * @param calibrationRatio of the model; null where it says nothing
 * @param metric of the model and of those it is compared with, by name; NaN where all labels are
 *     the same
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Segment(
    String input,
    String value,
    int count,
    @Nullable Double labelShare,
    @Nullable Double calibrationRatio,
    Map<String, Double> metric) {

  /**
   * All segments of the given inputs.
   *
   * @param scored the model first
   */
  static List<Segment> of(
      ModelSpec spec, List<String> inputs, Metric metric, List<Example> test, List<Scored> scored) {
    List<Segment> segments = new ArrayList<>();
    Yardstick yardstick = Yardstick.of(spec, test);
    List<String> names = spec.inputs().stream().map(ModelSpec.Input::name).toList();
    for (String input : inputs) {
      int place = names.indexOf(input);
      Map<String, List<Integer>> rows = new TreeMap<>();
      for (int row = 0; row < test.size(); row++) {
        String text = test.get(row).text(place);
        rows.computeIfAbsent(text == null ? "missing" : text, value -> new ArrayList<>()).add(row);
      }
      rows.forEach(
          (value, of) -> segments.add(of(input, value, of, metric, spec, yardstick, scored)));
    }
    return segments;
  }

  private static Segment of(
      String input,
      String value,
      List<Integer> rows,
      Metric metric,
      ModelSpec spec,
      Yardstick yardstick,
      List<Scored> scored) {
    Yardstick part = yardstick.of(rows);
    Map<String, Double> metrics = new LinkedHashMap<>();
    scored.forEach(
        scorer -> metrics.put(scorer.name(), Metrics.value(metric, scorer.of(rows), part)));
    boolean addsUp = spec.train().problem().hasCalibrationRatio();
    double[] labels = part.values();
    return new Segment(
        input,
        value,
        rows.size(),
        addsUp ? Arrays.stream(labels).sum() / labels.length : null,
        addsUp ? Metrics.calibrationRatio(Scored.column(scored.get(0).of(rows), 0), labels) : null,
        metrics);
  }
}
