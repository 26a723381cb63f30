package io.crewcast.scoring.training;

import io.crewcast.scoring.model.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One combination of parameters that was tried.
 *
 * @param parameters those that the search varies
 * @param rounds how many were best on the validation part
 * @param metric there
 */
record Trial(Map<String, String> parameters, int rounds, double metric) {

  /** Each value with each, in the order of the file, the last parameter first to change. */
  static List<Map<String, String>> combinations(Map<String, List<String>> search) {
    List<Map<String, String>> combinations = List.of(new LinkedHashMap<>());
    for (Map.Entry<String, List<String>> parameter : search.entrySet()) {
      List<Map<String, String>> longer = new ArrayList<>();
      for (Map<String, String> combination : combinations) {
        for (String value : parameter.getValue()) {
          Map<String, String> with = new LinkedHashMap<>(combination);
          with.put(parameter.getKey(), value);
          longer.add(with);
        }
      }
      combinations = longer;
    }
    return combinations;
  }

  /** The best of them; of equal ones that which was tried first. */
  static Trial best(List<Trial> trials, Metric metric) {
    return trials.stream()
        .reduce((best, next) -> metric.gain(next.metric, best.metric) > 0 ? next : best)
        .orElseThrow();
  }

  String inWords(Metric by) {
    String tried =
        parameters.entrySet().stream()
            .map(parameter -> parameter.getKey() + " " + parameter.getValue())
            .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "%s%s %.4f after %d rounds",
        tried.isEmpty() ? "" : tried + ": ",
        by.yamlName(),
        metric,
        rounds);
  }
}
