package io.crewcast.scoring.training;

import io.crewcast.scoring.model.Metric;
import io.crewcast.scoring.model.ModelSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The test part where an input has one value.
 *
 * @param value in words; {@code missing} where there is none
 * @param calibrationRatio of the model
 * @param metric of the model and of those it is compared with, by name; NaN where all labels are
 *     the same
 */
record Segment(
    String input,
    String value,
    int count,
    double labelShare,
    double calibrationRatio,
    Map<String, Double> metric) {

  /**
   * All segments of the given inputs.
   *
   * @param scored the model first
   */
  static List<Segment> of(
      ModelSpec spec, List<String> inputs, Metric metric, List<Example> test, List<Scored> scored) {
    List<Segment> segments = new ArrayList<>();
    List<String> names = spec.inputs().stream().map(ModelSpec.Input::name).toList();
    for (String input : inputs) {
      int place = names.indexOf(input);
      Map<String, List<Integer>> rows = new TreeMap<>();
      for (int row = 0; row < test.size(); row++) {
        String text = test.get(row).text(place);
        rows.computeIfAbsent(text == null ? "missing" : text, value -> new ArrayList<>()).add(row);
      }
      rows.forEach((value, of) -> segments.add(of(input, value, of, metric, test, scored)));
    }
    return segments;
  }

  private static Segment of(
      String input,
      String value,
      List<Integer> rows,
      Metric metric,
      List<Example> test,
      List<Scored> scored) {
    double[] labels = rows.stream().mapToDouble(row -> test.get(row).label()).toArray();
    Map<String, Double> metrics = new LinkedHashMap<>();
    scored.forEach(
        scorer -> metrics.put(scorer.name(), Metrics.value(metric, scorer.of(rows), labels)));
    double positives = 0;
    for (double label : labels) {
      positives += label;
    }
    return new Segment(
        input,
        value,
        labels.length,
        positives / labels.length,
        Metrics.calibrationRatio(scored.get(0).of(rows), labels),
        metrics);
  }
}
