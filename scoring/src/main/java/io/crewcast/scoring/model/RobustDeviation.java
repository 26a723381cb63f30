package io.crewcast.scoring.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is normal, input by input, and how far a row is from it. Content of {@code model.json}.
 *
 * <p>An input's distance is its modified z-score (Iglewicz and Hoaglin 1993): from the median, by
 * 1.4826 times the median absolute deviation, which of normally distributed numbers is their
 * standard deviation; an outlier in the examples moves neither. Where more than half of the numbers
 * are equal, that is 0, and 1.2533 times the mean absolute deviation stands in its place.
 *
 * @param inputs in the order of a row; null where an input says nothing
 */
public record RobustDeviation(List<@Nullable Normal> inputs) {

  /** The distance that scores one half. */
  public static final double HALF_WAY = 1.5;

  private static final double OF_MEDIAN_DEVIATION = 1.4826;

  /** The square root of half of pi. */
  private static final double OF_MEAN_DEVIATION = 1.2533;

  /**
   * One input.
   *
   * @param scale the distance from the median that counts 1, above 0
   */
  public record Normal(String input, double median, double scale) {

    /** What is normal of these numbers; empty where they do not vary. NaN is left out. */
    public static Optional<Normal> of(String input, double[] numbers) {
      double[] known = Arrays.stream(numbers).filter(x -> !Double.isNaN(x)).toArray();
      if (known.length == 0) {
        return Optional.empty();
      }
      double median = median(known);
      double[] deviations = Arrays.stream(known).map(x -> Math.abs(x - median)).toArray();
      double scale = OF_MEDIAN_DEVIATION * median(deviations);
      if (scale == 0) {
        scale = OF_MEAN_DEVIATION * Arrays.stream(deviations).average().orElse(0);
      }
      return scale > 0 ? Optional.of(new Normal(input, median, scale)) : Optional.empty();
    }

    private static double median(double[] numbers) {
      double[] sorted = Arrays.stream(numbers).sorted().toArray();
      int half = sorted.length / 2;
      return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
  }

  /**
   * Reads {@code model.json}.
   *
   * @param path of the file, for the message of a fault
   * @throws InvalidModelException if it is not what training writes
   */
  public static RobustDeviation read(String path, byte[] file) {
    return JsonFile.read(path, file, RobustDeviation.class);
  }

  /** The content of {@code model.json}. */
  public byte[] bytes() {
    return JsonFile.bytes(this);
  }

  /**
   * How far each input is from its median, by its scale, and in which direction; 0 where it is
   * missing or says nothing.
   */
  public double[] distances(float[] row) {
    double[] distances = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      Normal normal = inputs.get(i);
      if (normal != null && !Float.isNaN(row[i])) {
        distances[i] = (row[i] - normal.median) / normal.scale;
      }
    }
    return distances;
  }

  /** 0 of what is all in the middle, towards 1 of what is far off in any input; 0.7 at 3.5. */
  public static double score(double[] distances) {
    double greatest = Arrays.stream(distances).map(Math::abs).max().orElse(0);
    return Double.isInfinite(greatest) ? 1 : greatest / (greatest + HALF_WAY);
  }
}
