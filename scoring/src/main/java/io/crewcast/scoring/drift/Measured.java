package io.crewcast.scoring.drift;

import org.jspecify.annotations.Nullable;

/**
 * One measure of one input in one window.
 *
 * @param score its value
 * @param lower what it is at least, where cells leave that open
 * @param upper what it is at most
 * @param nullQuantile what chance alone reaches once in a thousand windows of so many entities
 * @param pValue of nothing having changed; null of a measure without a distribution of its own
 */
public record Measured(
    Method method,
    double score,
    @Nullable Double lower,
    @Nullable Double upper,
    double nullQuantile,
    @Nullable Double pValue) {

  /** Share of false discoveries that is borne among the inputs of a window. */
  private static final double DISCOVERIES = 0.05;

  /**
   * Whether it is too much to be chance and enough to matter.
   *
   * @param corrected the p-value after Benjamini-Hochberg over the inputs of the window; null where
   *     there is none
   */
  public boolean drifted(@Nullable Double corrected) {
    return score >= method.threshold()
        && score > nullQuantile
        && (corrected == null || corrected <= DISCOVERIES);
  }
}
