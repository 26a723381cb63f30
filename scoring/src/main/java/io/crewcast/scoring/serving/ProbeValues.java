package io.crewcast.scoring.serving;

import io.crewcast.scoring.tree.FlatTrees;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** By feature, the values at which the trees could go wrong. */
final class ProbeValues {

  /** From here on, floats are no categories. */
  private static final float NO_CATEGORY = 1 << 24;

  private final float[][] values;

  ProbeValues(FlatTrees trees) {
    List<TreeSet<Float>> all = new ArrayList<>();
    for (int feature = 0; feature < trees.features(); feature++) {
      all.add(
          new TreeSet<>(
              List.of(
                  0f, -0f, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MAX_VALUE, -Float.MAX_VALUE)));
    }
    for (int node = 0; node < trees.nodes(); node++) {
      if (trees.feature(node) != FlatTrees.LEAF) {
        Set<Float> some = all.get(trees.feature(node));
        if (trees.numeric(node)) {
          addThreshold(trees.value(node), some);
        } else {
          addCategories(BitSet.valueOf(trees.categories(node)), some);
        }
      }
    }
    values = new float[all.size()][];
    for (int feature = 0; feature < values.length; feature++) {
      // XGBoost4J takes no infinite number.
      List<Float> finite = all.get(feature).stream().filter(Float::isFinite).toList();
      values[feature] = new float[finite.size()];
      for (int i = 0; i < finite.size(); i++) {
        values[feature][i] = finite.get(i);
      }
    }
  }

  private static void addThreshold(float threshold, Set<Float> values) {
    values.addAll(List.of(threshold, Math.nextDown(threshold), Math.nextUp(threshold)));
  }

  private static void addCategories(BitSet set, Set<Float> values) {
    set.stream().forEach(category -> values.add((float) category));
    int last = set.length();
    values.addAll(List.of(0.5f, last - 0.5f, (float) last, last + 64f));
    values.addAll(List.of(-1f, -0.5f, NO_CATEGORY, (float) set.nextClearBit(0)));
  }

  /** How many there are in all. */
  int count() {
    return Arrays.stream(values).mapToInt(some -> some.length).sum();
  }

  float[] of(int feature) {
    return values[feature];
  }

  /** A row of which nothing is known. */
  float[] missing() {
    float[] row = new float[values.length];
    Arrays.fill(row, Float.NaN);
    return row;
  }

  /** A row of these values, some moved a little, a tenth missing. */
  float[] random(SplittableRandom random) {
    float[] row = missing();
    for (int feature = 0; feature < row.length; feature++) {
      if (random.nextInt(10) != 0) {
        float near = values[feature][random.nextInt(values[feature].length)];
        row[feature] = random.nextBoolean() ? near : near + (float) random.nextDouble(-1, 1);
      }
    }
    return row;
  }
}
