package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class CalibrationTest {

  @Test
  void comparesMeanScoreAndShareInEachTenth() {
    Calibration calibration =
        Calibration.of(new double[] {0, 0.05, 0.375, 0.375, 1}, new double[] {0, 1, 0, 1, 1});
    assertThat(calibration.bins())
        .containsExactly(
            new Calibration.Bin(0, 2, 0.025, 0.5),
            new Calibration.Bin(0.3, 2, 0.375, 0.5),
            new Calibration.Bin(0.9, 1, 1, 1));
    // (2 x 0.475 + 2 x 0.125 + 0) / 5
    assertThat(calibration.ece()).isEqualTo(0.24, within(1e-15));
  }
}
