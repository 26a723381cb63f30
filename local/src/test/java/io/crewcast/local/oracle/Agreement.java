package io.crewcast.local.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.local.verify.VerificationReport;
import io.crewcast.schemas.EntityType;
import java.util.Map;

/** That something was compared in every line, and nothing of it differed. */
public final class Agreement {

  private Agreement() {}

  /** Of more than so many emitted features with their recomputation. */
  public static void ofFeatures(VerificationReport report, int features) {
    assertThat(report.features())
        .hasSizeGreaterThan(features)
        .allSatisfy(
            feature -> {
              assertThat(feature.rows()).as(feature.inWords()).isPositive();
              assertThat(feature.different()).as(feature.toString()).isZero();
            });
  }

  /** Of delivered rows with those of the lake. */
  public static void ofRows(Map<String, Comparison> delivered) {
    assertThat(delivered)
        .hasSize(2 * EntityType.values().length - 1) // tasks are not in Redis
        .allSatisfy(
            (where, comparison) -> {
              assertThat(comparison.rows()).as(where).isPositive();
              assertThat(comparison.different()).as(comparison::toString).isZero();
            });
  }
}
