package io.crewcast.scoring.serving;

import io.crewcast.scoring.model.RobustDeviation;

/** Tells how far a row is from normal; what each input contributes is its distance. */
final class DeviationScorer extends ImmediateScorer {

  private final RobustDeviation normal;
  private final boolean explains;

  DeviationScorer(RobustDeviation normal, boolean explains, Budget budget) {
    super(budget);
    this.normal = normal;
    this.explains = explains;
  }

  @Override
  Answer answer(float[] row) {
    double[] distances = normal.distances(row);
    float[] outputs = {(float) RobustDeviation.score(distances)};
    return new Answer(outputs, explains ? distances : NOT_EXPLAINED, 0);
  }
}
