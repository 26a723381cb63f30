package io.crewcast.scoring.explain;

/**
 * Gauss-Legendre quadrature on 0..1: exact for polynomials of degree below twice the number of
 * points.
 */
final class Quadrature {

  private static final int MOST_STEPS = 100;

  private final double[] points;
  private final double[] weights;

  /** By Newton's method on the Legendre polynomial of that degree. */
  Quadrature(int count) {
    points = new double[count];
    weights = new double[count];
    for (int i = 0; i < count; i++) {
      double x = Math.cos(Math.PI * (i + 0.75) / (count + 0.5));
      double derivative = 1;
      double correction = 1;
      for (int step = 0; step < MOST_STEPS && Math.abs(correction) >= 1e-16; step++) {
        double previous = 1;
        double current = x;
        for (int k = 2; k <= count; k++) {
          double next = ((2 * k - 1) * x * current - (k - 1) * previous) / k;
          previous = current;
          current = next;
        }
        derivative = count * (x * current - previous) / (x * x - 1);
        correction = current / derivative;
        x -= correction;
      }
      points[i] = (1 + x) / 2;
      weights[i] = 1 / ((1 - x * x) * derivative * derivative);
    }
  }

  double point(int i) {
    return points[i];
  }

  double weight(int i) {
    return weights[i];
  }
}
