package io.crewcast.scoring.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How often values occurred, counted over fixed cells. An older file lacks what stands after {@code
 * missing}.
 *
 * @param edges of numbers, ascending; x <= edge goes left, so that there is one count more than
 *     edges, both ends open. Null for texts
 * @param counts a cell of numbers
 * @param values the most frequent texts with their counts. Null for numbers
 * @param other how often another text occurred
 * @param missing how often nothing did
 * @param notFinite how often a number was infinite
 * @param entities how many different entities the values are of; 0 where that is not known
 * @param least of the finite numbers; null where there is none
 * @param greatest of the finite numbers
 * @param deviation standard deviation of the finite numbers, their own: ddof 0
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@SuppressWarnings("ArrayRecordComponent") // written to a file, never compared
public record Profile(
    double @Nullable [] edges,
    long @Nullable [] counts,
    @Nullable Map<String, Long> values,
    long other,
    long missing,
    long notFinite,
    long entities,
    @Nullable Double least,
    @Nullable Double greatest,
    @Nullable Double deviation) {

  private static final int BINS = 10;
  private static final int TOP = 50;

  /**
   * Profiles numbers in ten cells cut at the deciles.
   *
   * @param numbers NaN is missing
   * @param entities how many different ones they are of
   */
  public static Profile ofNumbers(double[] numbers, long entities) {
    double[] known = Arrays.stream(numbers).filter(Double::isFinite).sorted().toArray();
    List<Double> edges = new ArrayList<>();
    for (int i = 1; i < BINS && known.length > 0; i++) {
      double edge = quantile(known, (double) i / BINS);
      if (edges.isEmpty() || edge > edges.get(edges.size() - 1)) {
        edges.add(edge);
      }
    }
    double[] cut = edges.stream().mapToDouble(Double::doubleValue).toArray();
    long[] counts = new long[cut.length + 1];
    for (double x : known) {
      counts[cell(cut, x)]++;
    }
    long missing = Arrays.stream(numbers).filter(Double::isNaN).count();
    boolean isEmpty = known.length == 0;
    return new Profile(
        cut,
        counts,
        null,
        0,
        missing,
        numbers.length - known.length - missing,
        entities,
        isEmpty ? null : (Double) known[0],
        isEmpty ? null : (Double) known[known.length - 1],
        isEmpty ? null : (Double) deviation(known));
  }

  /** Other numbers in the same cells. */
  public Profile counting(double[] numbers, long entities) {
    double[] known = Arrays.stream(numbers).filter(Double::isFinite).toArray();
    long[] counted = new long[edges == null ? 0 : edges.length + 1];
    for (double x : known) {
      counted[cell(edges, x)]++;
    }
    long missing = Arrays.stream(numbers).filter(Double::isNaN).count();
    return new Profile(
        edges,
        counted,
        null,
        0,
        missing,
        numbers.length - known.length - missing,
        entities,
        least,
        greatest,
        deviation);
  }

  /** Other texts in the same cells. */
  public Profile counting(List<@Nullable String> texts, long entities) {
    Map<String, Long> counted = new LinkedHashMap<>();
    if (values != null) {
      values.keySet().forEach(value -> counted.put(value, 0L));
    }
    long missing = 0;
    long others = 0;
    for (String text : texts) {
      if (text == null) {
        missing++;
      } else if (counted.computeIfPresent(text, (value, count) -> count + 1) == null) {
        others++;
      }
    }
    return new Profile(null, null, counted, others, missing, 0, entities, null, null, null);
  }

  /** The cell of a finite number. */
  public static int cell(double @Nullable [] edges, double x) {
    if (edges == null) {
      return 0;
    }
    int at = Arrays.binarySearch(edges, x);
    return at >= 0 ? at : -at - 1;
  }

  /**
   * Profiles texts by the fifty most frequent.
   *
   * @param texts null is missing
   * @param entities how many different ones they are of
   */
  public static Profile ofTexts(List<@Nullable String> texts, long entities) {
    Map<String, Long> counts = new TreeMap<>();
    long missing = 0;
    for (String text : texts) {
      if (text == null) {
        missing++;
      } else {
        counts.merge(text, 1L, Long::sum);
      }
    }
    Map<String, Long> top = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
        .limit(TOP)
        .forEach(entry -> top.put(entry.getKey(), entry.getValue()));
    long known = texts.size() - missing;
    long named = top.values().stream().mapToLong(Long::longValue).sum();
    return new Profile(null, null, top, known - named, missing, 0, entities, null, null, null);
  }

  private static double deviation(double[] numbers) {
    double mean = Arrays.stream(numbers).average().orElseThrow();
    double squares = Arrays.stream(numbers).map(x -> (x - mean) * (x - mean)).sum();
    return Math.sqrt(squares / numbers.length);
  }

  /** Linear interpolation between order statistics, as numpy's default has it. */
  private static double quantile(double[] sorted, double q) {
    double position = q * (sorted.length - 1);
    int below = (int) Math.floor(position);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
