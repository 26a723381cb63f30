package io.crewcast.scoring.experiment;

/**
 * All that was ever seen of one comparison: where each look's interval holds with all others, so
 * does what they have in common, and the least p-value holds too.
 */
public record Evidence(Interval interval, double pValue) {

  public static final Evidence NONE = new Evidence(Interval.ALL, 1);

  /** With another look. */
  public Evidence and(Interval seen, double p) {
    return new Evidence(interval.intersect(seen), Math.min(pValue, p));
  }
}
