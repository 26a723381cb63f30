package io.crewcast.scoring.serving;

/** Answers each row at once, unless the version is cut off. */
abstract class ImmediateScorer implements Scorer {

  static final double[] NOT_EXPLAINED = {};

  private final Budget budget;

  ImmediateScorer(Budget budget) {
    this.budget = budget;
  }

  /** What the version says of a row. */
  abstract Answer answer(float[] row);

  @Override
  public final void ask(float[] row, Answer.Receiver receiver) {
    if (!budget.allows()) {
      receiver.accept(null);
      return;
    }
    long start = budget.now();
    Answer answer = answer(row);
    budget.spentSince(start);
    receiver.accept(answer);
  }

  @Override
  public final void flush() {}

  @Override
  public final boolean isCutOff() {
    return budget.isCutOff();
  }

  @Override
  public final void close() {}
}
