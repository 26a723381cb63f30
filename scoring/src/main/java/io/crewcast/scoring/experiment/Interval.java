package io.crewcast.scoring.experiment;

/**
 * Where an effect is.
 *
 * @param lower may be infinite
 * @param upper may be infinite
 */
public record Interval(double lower, double upper) {

  public static final Interval ALL =
      new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  static Interval around(double effect, double half) {
    return new Interval(effect - half, effect + half);
  }

  /** What is in both; where that is nothing, this one. */
  public Interval intersect(Interval other) {
    double from = Math.max(lower, other.lower);
    double to = Math.min(upper, other.upper);
    return from <= to ? new Interval(from, to) : this;
  }

  public boolean contains(double effect) {
    return lower <= effect && effect <= upper;
  }
}
