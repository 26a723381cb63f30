package io.crewcast.scoring.drift;

/**
 * A share of records that is borne.
 *
 * @param share 0 to 1
 */
public record Allowance(double share) {

  /**
   * What chance alone reaches at most once in a thousand windows where the true share is no more
   * than is allowed.
   *
   * @param records of the window, one at least
   */
  public double nullQuantile(long records) {
    return Chance.quantileOfShare(share, (double) records);
  }

  /** Whether a window has too many to be chance. */
  public boolean isExceeded(long some, long records) {
    return (double) some / (double) records > nullQuantile(records);
  }
}
