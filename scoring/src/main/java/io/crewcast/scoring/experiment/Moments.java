package io.crewcast.scoring.experiment;

import java.util.Arrays;

/**
 * Units, means and sums of products of deviations of several variables: all that the statistics of
 * an experiment need. Immutable.
 *
 * <p>Sums of squares would lose their digits where the mean is far from zero: Welford (1962) adds a
 * unit to deviations, Chan, Golub and LeVeque (1979) merge two sets of them.
 */
public final class Moments {

  private final long units;
  private final double[] means;

  /** Row by row, a variable with itself and those before it. */
  private final double[] products;

  private Moments(long units, double[] means, double[] products) {
    this.units = units;
    this.means = means;
    this.products = products;
  }

  /** Of no unit yet. */
  public static Moments none(int variables) {
    return new Moments(0, new double[variables], new double[variables * (variables + 1) / 2]);
  }

  /**
   * Those that were read from {@link #means} and {@link #products}.
   *
   * @param products one for each pair of variables, one before or the same as the other, row by row
   */
  public static Moments of(long units, double[] means, double[] products) {
    if (products.length != means.length * (means.length + 1) / 2) {
      throw new IllegalArgumentException(
          "%d variables have no %d products".formatted(means.length, products.length));
    }
    return new Moments(units, means.clone(), products.clone());
  }

  /** With another unit, one value a variable. */
  public Moments add(double... values) {
    double[] deviations = new double[means.length];
    double[] shifted = new double[means.length];
    for (int i = 0; i < means.length; i++) {
      deviations[i] = values[i] - means[i];
      shifted[i] = means[i] + deviations[i] / (units + 1);
    }
    double[] summed = products.clone();
    int pair = 0;
    for (int i = 0; i < means.length; i++) {
      for (int j = 0; j <= i; j++) {
        summed[pair++] += deviations[i] * (values[j] - shifted[j]);
      }
    }
    return new Moments(units + 1, shifted, summed);
  }

  /** Of the units of both. */
  public Moments merge(Moments other) {
    if (units == 0) {
      return other;
    } else if (other.units == 0) {
      return this;
    }
    double total = units + other.units;
    double[] apart = new double[means.length];
    double[] merged = new double[means.length];
    for (int i = 0; i < means.length; i++) {
      apart[i] = other.means[i] - means[i];
      merged[i] = means[i] + apart[i] * (other.units / total);
    }
    double[] summed = new double[products.length];
    int pair = 0;
    for (int i = 0; i < means.length; i++) {
      for (int j = 0; j <= i; j++) {
        summed[pair] =
            products[pair]
                + other.products[pair]
                + apart[i] * apart[j] * (units * (other.units / total));
        pair++;
      }
    }
    return new Moments(units + other.units, merged, summed);
  }

  public long units() {
    return units;
  }

  public double mean(int variable) {
    return means[variable];
  }

  /**
   * Covariance of two variables, of one with itself its variance.
   *
   * @param lost degrees of freedom: 1 estimates it without bias, 0 is that of the units themselves
   */
  public double covariance(int one, int other, int lost) {
    int row = Math.max(one, other);
    return products[row * (row + 1) / 2 + Math.min(one, other)] / (units - lost);
  }

  /** One a variable. */
  public double[] means() {
    return means.clone();
  }

  /** Sums of products of deviations: see {@link #of}. */
  public double[] products() {
    return products.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Moments same
        && units == same.units
        && Arrays.equals(means, same.means)
        && Arrays.equals(products, same.products);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(units) + 31 * Arrays.hashCode(means);
  }

  @Override
  public String toString() {
    return units + " units, means " + Arrays.toString(means);
  }
}
