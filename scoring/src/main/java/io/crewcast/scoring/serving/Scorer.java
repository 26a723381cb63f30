package io.crewcast.scoring.serving;

/** One thread's way to ask one version. */
public interface Scorer extends AutoCloseable {

  /**
   * Asks for a row.
   *
   * @param row the encoded inputs, which become the scorer's own
   * @param receiver is told the answer before this returns, or at a {@link #flush}
   */
  void ask(float[] row, Answer.Receiver receiver);

  /** Answers all rows that wait. */
  void flush();

  /** Whether the version is cut off, because it is slower than it may be. */
  boolean isCutOff();

  @Override
  void close();
}
