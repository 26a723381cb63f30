package io.crewcast.scoring.serving;

import io.crewcast.scoring.tree.FlatTrees;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Scores probe rows by the flat trees and by XGBoost4J and compares them bit for bit: nothing
 * known, every threshold itself and its neighbours, and random rows between thresholds, a tenth
 * missing.
 */
final class Verification {

  private static final int RANDOM_ROWS = 1_000;

  /** Most probes at thresholds, spread over all of them. */
  private static final int THRESHOLD_ROWS = 6_000;

  private Verification() {}

  /** The first difference, or nothing when there is none. */
  static Optional<String> difference(FlatTrees flat, NativeModel reference) {
    int features = flat.features();
    List<float[]> probes = probes(flat);
    float[] rows = new float[probes.size() * features];
    for (int i = 0; i < probes.size(); i++) {
      System.arraycopy(probes.get(i), 0, rows, i * features, features);
    }
    float[][] margins = reference.margins(rows, features);
    float[][] outputs = reference.predict(rows, features);
    float[] found = new float[flat.outputs()];
    for (int i = 0; i < probes.size(); i++) {
      flat.margins(probes.get(i), found);
      for (int output = 0; output < found.length; output++) {
        if (Float.floatToRawIntBits(found[output]) != Float.floatToRawIntBits(margins[i][output])) {
          return Optional.of(describe("margin", i, found[output], margins[i][output]));
        }
      }
      flat.predict(probes.get(i), found);
      for (int output = 0; output < found.length; output++) {
        // The margin has the same bits; a C library with another expf may round the last one.
        if (Math.abs(found[output] - outputs[i][output]) > Math.ulp(outputs[i][output])) {
          return Optional.of(describe("output", i, found[output], outputs[i][output]));
        }
      }
    }
    return Optional.empty();
  }

  private static String describe(String what, int probe, float flat, float reference) {
    return "%s of probe row %d is %s, XGBoost4J says %s".formatted(what, probe, flat, reference);
  }

  private static List<float[]> probes(FlatTrees flat) {
    SplittableRandom random = new SplittableRandom(42);
    float[][] thresholds = thresholds(flat);
    List<float[]> probes = new ArrayList<>();
    float[] missing = new float[flat.features()];
    Arrays.fill(missing, Float.NaN);
    probes.add(missing);
    int total = Arrays.stream(thresholds).mapToInt(values -> 3 * values.length).sum();
    int every = 1 + total / THRESHOLD_ROWS;
    int probe = 0;
    for (int feature = 0; feature < thresholds.length; feature++) {
      for (float threshold : thresholds[feature]) {
        for (float x : new float[] {threshold, Math.nextDown(threshold), Math.nextUp(threshold)}) {
          if (probe++ % every == 0 && Float.isFinite(x)) {
            float[] row = random(thresholds, random);
            row[feature] = x;
            probes.add(row);
          }
        }
      }
    }
    for (int i = 0; i < RANDOM_ROWS; i++) {
      probes.add(random(thresholds, random));
    }
    return probes;
  }

  /** By feature, where trees cut it; of categories, the codes from 0 on. */
  private static float[][] thresholds(FlatTrees flat) {
    List<List<Float>> cuts = new ArrayList<>();
    for (int feature = 0; feature < flat.features(); feature++) {
      cuts.add(new ArrayList<>());
    }
    for (int node = 0; node < flat.nodes(); node++) {
      if (flat.feature(node) != FlatTrees.LEAF) {
        List<Float> cut = cuts.get(flat.feature(node));
        cut.add(flat.numeric(node) ? flat.value(node) : (float) (cut.size() % 64));
      }
    }
    float[][] thresholds = new float[cuts.size()][];
    for (int feature = 0; feature < thresholds.length; feature++) {
      List<Float> distinct = cuts.get(feature).stream().distinct().sorted().toList();
      thresholds[feature] = new float[distinct.size()];
      for (int i = 0; i < thresholds[feature].length; i++) {
        thresholds[feature][i] = distinct.get(i);
      }
    }
    return thresholds;
  }

  private static float[] random(float[][] thresholds, SplittableRandom random) {
    float[] row = new float[thresholds.length];
    for (int feature = 0; feature < row.length; feature++) {
      float[] cuts = thresholds[feature];
      if (cuts.length == 0 || random.nextInt(10) == 0) {
        row[feature] = Float.NaN;
        continue;
      }
      float near = cuts[random.nextInt(cuts.length)];
      row[feature] = random.nextBoolean() ? near : near + (float) random.nextDouble(-1, 1);
    }
    return row;
  }
}
