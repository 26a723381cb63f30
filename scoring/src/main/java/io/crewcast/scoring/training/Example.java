package io.crewcast.scoring.training;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One labelled trigger.
 *
 * @param id of its prediction; breaks ties of time
 * @param company whose it is
 * @param cluster what it shares with triggers that it is not independent of
 * @param asOf when it was triggered
 * @param labelledAt when its label became known
 * @param label NaN of a model without labels
 * @param values of all inputs in order; null where missing
 * @param owners id by kind of the entities that the values are of
 */
record Example(
    String id,
    String company,
    String cluster,
    Instant asOf,
    Instant labelledAt,
    double label,
    List<@Nullable Object> values,
    Map<String, String> owners) {

  /** The input at that place as a number, conditions as 1 and 0; NaN where it is missing. */
  double number(int place) {
    Object value = values.get(place);
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    return value instanceof Boolean yes ? (yes ? 1 : 0) : Double.NaN;
  }

  /** The input at that place in words; null where it is missing. */
  @Nullable String text(int place) {
    Object value = values.get(place);
    return value == null ? null : value.toString();
  }

  Example withLabel(double other) {
    return new Example(id, company, cluster, asOf, labelledAt, other, values, owners);
  }

  static double[] labels(List<Example> examples) {
    return examples.stream().mapToDouble(Example::label).toArray();
  }
}
