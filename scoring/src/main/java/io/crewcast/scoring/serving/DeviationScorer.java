package io.crewcast.scoring.serving;

import io.crewcast.scoring.model.RobustDeviation;

/** Tells how far a row is from normal, at once; what each input contributes is its distance. */
final class DeviationScorer implements Scorer {

  private static final double[] NONE = {};

  private final RobustDeviation normal;
  private final boolean explains;
  private final Budget budget;

  DeviationScorer(RobustDeviation normal, boolean explains, Budget budget) {
    this.normal = normal;
    this.explains = explains;
    this.budget = budget;
  }

  @Override
  public void ask(float[] row, Answer.Receiver receiver) {
    if (!budget.allows()) {
      receiver.accept(null);
      return;
    }
    long start = budget.now();
    double[] distances = normal.distances(row);
    float[] outputs = {(float) RobustDeviation.score(distances)};
    budget.spentSince(start);
    receiver.accept(new Answer(outputs, explains ? distances : NONE, 0));
  }

  @Override
  public void flush() {}

  @Override
  public boolean isCutOff() {
    return budget.isCutOff();
  }

  @Override
  public void close() {}
}
