package io.crewcast.scoring.training;

import java.util.List;

/**
 * The scores that one candidate, champion or fallback gave to the test part.
 *
 * @param name {@code model}, {@code champion (version 3)} or {@code fallback}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Scored(String name, double[] scores) {

  static final String MODEL = "model";
  static final String FALLBACK = "fallback";

  /** The scores of some rows. */
  double[] of(List<Integer> rows) {
    return rows.stream().mapToDouble(row -> scores[row]).toArray();
  }
}
