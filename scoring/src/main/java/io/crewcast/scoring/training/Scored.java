package io.crewcast.scoring.training;

import java.util.Arrays;
import java.util.List;

/**
 * What one candidate, champion or fallback answered to the test part.
 *
 * @param name {@code model}, {@code champion (version 3)} or {@code fallback}
 * @param outputs of each row
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Scored(String name, double[][] outputs) {

  static final String MODEL = "model";
  static final String FALLBACK = "fallback";

  /** One number a row. */
  static Scored ofNumbers(String name, double[] scores) {
    return new Scored(
        name,
        Arrays.stream(scores).mapToObj(score -> new double[] {score}).toArray(double[][]::new));
  }

  /** One output of all rows. */
  static double[] column(double[][] outputs, int place) {
    return Arrays.stream(outputs).mapToDouble(row -> row[place]).toArray();
  }

  /** The answers of some rows. */
  double[][] of(List<Integer> rows) {
    return rows.stream().map(row -> outputs[row]).toArray(double[][]::new);
  }
}
