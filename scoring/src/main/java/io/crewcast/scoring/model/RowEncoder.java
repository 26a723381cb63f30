package io.crewcast.scoring.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the inputs of a model into the row of floats that its trees read; NaN is missing. What is
 * beyond the {@link #GREATEST} float is taken for that: XGBoost refuses all rows where one has an
 * infinite input.
 */
public final class RowEncoder {

  /** XGBoost places thresholds up to twice as far as the greatest value it has seen. */
  static final float GREATEST = Float.MAX_VALUE / 4;

  private final List<Map<String, Float>> codes;

  /**
   * @param categories of each input in order, or null where it is no text
   */
  public RowEncoder(List<? extends @Nullable List<String>> categories) {
    codes =
        categories.stream()
            .map(values -> values == null ? Map.<String, Float>of() : codesOf(values))
            .toList();
  }

  private static Map<String, Float> codesOf(List<String> values) {
    Map<String, Float> codes = new HashMap<>();
    for (String value : values) {
      codes.put(value, (float) codes.size());
    }
    return codes;
  }

  /** Writes the inputs' values: numbers, conditions, texts or null. A text unseen is missing. */
  public void encode(@Nullable Object[] values, float[] row) {
    for (int i = 0; i < row.length; i++) {
      row[i] = encode(i, values[i]);
    }
  }

  private float encode(int input, @Nullable Object value) {
    if (value instanceof Number number) {
      return Math.min(GREATEST, Math.max(-GREATEST, number.floatValue()));
    } else if (value instanceof Boolean yes) {
      return yes ? 1 : 0;
    } else if (value instanceof CharSequence text) {
      Float code = codes.get(input).get(text.toString());
      return code == null ? Float.NaN : code;
    }
    return Float.NaN;
  }
}
