package io.crewcast.scoring.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The distribution that a version was trained on: one profile an input, and one an output. Content
 * of {@code reference.json}; what drift is measured against.
 *
 * @param sample some of the rows that it was trained on, as its trees read them; null where an
 *     input is missing
 */
public record Reference(
    Map<String, Profile> inputs, Map<String, Profile> outputs, List<List<@Nullable Float>> sample) {

  private static final int BINS = 10;
  private static final int TOP = 50;
  private static final int SAMPLE = 200;

  /** Files of older versions have no sample, or one profile of the only output. */
  @JsonCreator
  static Reference of(
      @JsonProperty("inputs") Map<String, Profile> inputs,
      @JsonProperty("outputs") @Nullable Map<String, Profile> outputs,
      @JsonProperty("score") @Nullable Profile score,
      @JsonProperty("sample") @Nullable List<List<@Nullable Float>> sample) {
    Map<String, Profile> older = score == null ? Map.of() : Map.of("score", score);
    return new Reference(
        inputs, outputs == null ? older : outputs, sample == null ? List.of() : sample);
  }

  /**
   * Reads {@code reference.json}.
   *
   * @param path of the file, for the message of a fault
   * @throws InvalidModelException if it is not what training writes
   */
  public static Reference read(String path, byte[] file) {
    return JsonFile.read(path, file, Reference.class);
  }

  /** The content of {@code reference.json}. */
  public byte[] bytes() {
    return JsonFile.bytes(this);
  }

  /** The sample as rows of floats; NaN is missing. */
  public List<float[]> rows() {
    return sample.stream().map(Reference::row).toList();
  }

  private static float[] row(List<@Nullable Float> values) {
    float[] row = new float[values.size()];
    for (int i = 0; i < row.length; i++) {
      Float value = values.get(i);
      row[i] = value == null ? Float.NaN : value;
    }
    return row;
  }

  /**
   * At most 200 rows, evenly spread.
   *
   * @param rows one after the other, {@code width} floats each
   */
  public static List<List<@Nullable Float>> sampleOf(float[] rows, int width) {
    int count = rows.length / width;
    int taken = Math.min(SAMPLE, count);
    List<List<@Nullable Float>> sample = new ArrayList<>();
    for (int i = 0; i < taken; i++) {
      int from = (int) ((long) i * count / taken) * width;
      List<@Nullable Float> row = new ArrayList<>();
      for (int j = from; j < from + width; j++) {
        row.add(Float.isNaN(rows[j]) ? null : rows[j]);
      }
      sample.add(row);
    }
    return sample;
  }

  /**
   * Counts over fixed cells.
   *
   * @param edges of numbers, ascending; x <= edge goes left, so that there is one count more than
   *     edges, both ends open. Null for texts
   * @param counts a cell of numbers
   * @param values the most frequent texts with their counts. Null for numbers
   * @param other how often another text occurred
   * @param missing how often nothing did
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @SuppressWarnings("ArrayRecordComponent") // written to a file, never compared
  public record Profile(
      double @Nullable [] edges,
      long @Nullable [] counts,
      @Nullable Map<String, Long> values,
      long other,
      long missing) {}

  /** Profiles numbers in ten cells cut at the deciles; NaN is missing. */
  public static Profile ofNumbers(double[] numbers) {
    double[] known = Arrays.stream(numbers).filter(x -> !Double.isNaN(x)).sorted().toArray();
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
      int at = Arrays.binarySearch(cut, x);
      counts[at >= 0 ? at : -at - 1]++;
    }
    return new Profile(cut, counts, null, 0, numbers.length - known.length);
  }

  /** Profiles texts by the fifty most frequent; null is missing. */
  public static Profile ofTexts(List<@Nullable String> texts) {
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
    return new Profile(null, null, top, known - named, missing);
  }

  /** Linear interpolation between order statistics, as numpy's default has it. */
  private static double quantile(double[] sorted, double q) {
    double position = q * (sorted.length - 1);
    int below = (int) Math.floor(position);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }
}
