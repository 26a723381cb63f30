package io.crewcast.scoring.serving;

import io.crewcast.scoring.tree.FlatTrees;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Scores probe rows by the flat trees and by XGBoost4J and compares them bit for bit.
 *
 * <p>The rows: a sample that the caller has; nothing known; every threshold and its neighbours;
 * categories in a set, out of it and beyond it, negative and fractional; the greatest and least
 * numbers; and random rows of all these, a tenth missing.
 */
public final class Verification {

  private static final int RANDOM_ROWS = 1_000;

  /** Most rows for values that trees tell apart, spread over all of them. */
  private static final int PROBED_VALUES = 6_000;

  /** Rows that XGBoost4J scores at a time. */
  private static final int BATCH = 1_024;

  private final FlatTrees flat;
  private final NativeModel reference;
  private final FlatTrees.Walk walk;

  private Verification(FlatTrees flat, NativeModel reference) {
    this.flat = flat;
    this.reference = reference;
    walk = flat.walk();
  }

  /**
   * The first difference, or nothing when there is none. Margins must have the same bits. A
   * prediction may differ in its last one, because a C library with another {@code expf} rounds it
   * otherwise.
   *
   * @param sample rows of the training data; may be empty
   */
  public static Optional<String> difference(
      FlatTrees flat, NativeModel reference, List<float[]> sample) {
    Verification verification = new Verification(flat, reference);
    return verification
        .difference(sample, "row %d of the sample")
        .or(() -> verification.difference(probes(flat), "probe row %d"));
  }

  private Optional<String> difference(List<float[]> rows, String name) {
    for (int from = 0; from < rows.size(); from += BATCH) {
      int to = Math.min(from + BATCH, rows.size());
      Optional<String> difference = batch(rows.subList(from, to), from, name);
      if (difference.isPresent()) {
        return difference;
      }
    }
    return Optional.empty();
  }

  private Optional<String> batch(List<float[]> probes, int first, String name) {
    int features = flat.features();
    float[] rows = new float[probes.size() * features];
    for (int i = 0; i < probes.size(); i++) {
      System.arraycopy(probes.get(i), 0, rows, i * features, features);
    }
    float[][] margins = reference.margins(rows, features);
    float[][] predictions = reference.predict(rows, features);
    float[] margin = new float[flat.outputs()];
    float[] prediction = new float[flat.predictions()];
    for (int i = 0; i < margins.length; i++) {
      walk.margins(probes.get(i), margin);
      walk.predict(probes.get(i), prediction);
      String probe = name.formatted(first + i);
      Optional<String> difference = difference("margin", probe, margin, margins[i], 0);
      if (difference.isEmpty()) {
        difference = difference("prediction", probe, prediction, predictions[i], 1);
      }
      if (difference.isPresent()) {
        return difference;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> difference(
      String what, String probe, float[] found, float[] expected, int lastBits) {
    if (found.length != expected.length) {
      return Optional.of(
          "a %s has %d numbers, of XGBoost4J %d".formatted(what, found.length, expected.length));
    }
    for (int i = 0; i < found.length; i++) {
      if (Float.floatToRawIntBits(found[i]) != Float.floatToRawIntBits(expected[i])
          && !(Math.abs(found[i] - expected[i]) <= lastBits * Math.ulp(expected[i]))) {
        return Optional.of(
            "%s of %s is %s, XGBoost4J says %s".formatted(what, probe, found[i], expected[i]));
      }
    }
    return Optional.empty();
  }

  private static List<float[]> probes(FlatTrees flat) {
    ProbeValues values = new ProbeValues(flat);
    SplittableRandom random = new SplittableRandom(42);
    List<float[]> probes = new ArrayList<>();
    probes.add(values.missing());
    int every = 1 + values.count() / PROBED_VALUES;
    int value = 0;
    for (int feature = 0; feature < flat.features(); feature++) {
      for (float x : values.of(feature)) {
        if (value++ % every == 0) {
          float[] row = values.random(random);
          row[feature] = x;
          probes.add(row);
        }
      }
    }
    for (int i = 0; i < RANDOM_ROWS; i++) {
      probes.add(values.random(random));
    }
    return probes;
  }
}
