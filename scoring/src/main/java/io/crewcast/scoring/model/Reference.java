package io.crewcast.scoring.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The distribution that a version was trained on: one profile an input, one an output, one of the
 * label. Content of {@code reference.json}; what drift is measured against.
 *
 * <p>An input counts once a day for the entity that it is of, as monitoring counts it in windows of
 * a day.
 *
 * @param outputs of triggers that the version was not trained on: what it learned it knows too well
 * @param label null of a model without one, and in files of older versions
 * @param windows by length of the other windows that are watched, as {@link Duration#toString} has
 *     it, the same inputs counted once in each of them: who is active for a week is in one of
 *     those, and in five days
 * @param sample some of the rows that it was trained on, as its trees read them; null where an
 *     input is missing
 */
public record Reference(
    Map<String, Profile> inputs,
    Map<String, Profile> outputs,
    @Nullable Profile label,
    Map<String, Map<String, Profile>> windows,
    List<List<@Nullable Float>> sample) {

  private static final int SAMPLE = 200;

  /** Files of older versions have no sample, or one profile of the only output. */
  @JsonCreator
  static Reference of(
      @JsonProperty("inputs") Map<String, Profile> inputs,
      @JsonProperty("outputs") @Nullable Map<String, Profile> outputs,
      @JsonProperty("score") @Nullable Profile score,
      @JsonProperty("label") @Nullable Profile label,
      @JsonProperty("windows") @Nullable Map<String, Map<String, Profile>> windows,
      @JsonProperty("sample") @Nullable List<List<@Nullable Float>> sample) {
    Map<String, Profile> older = score == null ? Map.of() : Map.of("score", score);
    return new Reference(
        inputs,
        outputs == null ? older : outputs,
        label,
        windows == null ? Map.of() : windows,
        sample == null ? List.of() : sample);
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
}
