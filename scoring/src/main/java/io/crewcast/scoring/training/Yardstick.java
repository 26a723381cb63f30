package io.crewcast.scoring.training;

import io.crewcast.scoring.model.ModelSpec;
import java.util.List;

/**
 * What answers are held to.
 *
 * @param labels what turned out to be true
 * @param groups which rows are ranked with each other; none where nothing is ranked
 * @param quantiles that are answered, ascending; none where the model answers none
 */
record Yardstick(List<Double> labels, Groups groups, List<Double> quantiles) {

  static Yardstick of(ModelSpec spec, List<Example> examples) {
    return new Yardstick(
        examples.stream().map(Example::label).toList(),
        Groups.of(spec, examples),
        spec.train().quantiles());
  }

  double label(int row) {
    return labels.get(row);
  }

  /** That of some rows. */
  Yardstick of(List<Integer> rows) {
    return new Yardstick(rows.stream().map(labels::get).toList(), groups.of(rows), quantiles);
  }

  double[] values() {
    return labels.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Which output stands for the middle of what may come. */
  int middle() {
    return ModelSpec.Train.middleOf(quantiles);
  }
}
