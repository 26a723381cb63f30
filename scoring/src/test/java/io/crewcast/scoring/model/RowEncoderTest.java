package io.crewcast.scoring.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowEncoderTest {

  @Test
  void writesNumbersConditionsTextsAndWhatIsMissing() {
    RowEncoder encoder = new RowEncoder(Arrays.asList(null, null, List.of("low", "high"), null));
    assertThat(row(encoder, 3L, true, "high", null)).containsExactly(3, 1, 1, Float.NaN);
    assertThat(row(encoder, -0.5, false, "unseen", Double.NaN))
        .containsExactly(-0.5f, 0, Float.NaN, Float.NaN);
  }

  @Test
  void keepsWhatIsBeyondAFloatFinite() {
    RowEncoder encoder = new RowEncoder(Arrays.asList(null, null));
    assertThat(row(encoder, 1e300, Double.NEGATIVE_INFINITY))
        .containsExactly(RowEncoder.GREATEST, -RowEncoder.GREATEST);
  }

  private static float[] row(RowEncoder encoder, Object... values) {
    float[] row = new float[values.length];
    encoder.encode(values, row);
    return row;
  }
}
