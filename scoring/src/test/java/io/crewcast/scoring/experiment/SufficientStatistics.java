package io.crewcast.scoring.experiment;

import com.fasterxml.jackson.databind.JsonNode;

/** Moments of a variation that other projects' figures give as sums and sums of products. */
record SufficientStatistics(MetricKind kind, Moments moments) {

  private static final int VARIABLES = Arm.VARIABLES;

  static SufficientStatistics of(JsonNode arm) {
    String type = arm.path("type").asText("mean");
    var sums = new Sums(arm.get("n").asLong());
    switch (type) {
      case "ratio" -> {
        sums.of(Arm.NUMERATOR, arm.get("m"));
        sums.of(Arm.DENOMINATOR, arm.get("d"));
        sums.product(Arm.NUMERATOR, Arm.DENOMINATOR, arm.get("m_d_sum_of_products"));
        return new SufficientStatistics(MetricKind.RATIO, sums.moments());
      }
      case "cuped" -> {
        sums.of(Arm.NUMERATOR, arm.get("post"));
        sums.of(Arm.COVARIATE, arm.get("pre"));
        sums.product(Arm.NUMERATOR, Arm.COVARIATE, arm.get("post_pre_sum_of_products"));
        return new SufficientStatistics(kind(arm.get("post").get("type").asText()), sums.moments());
      }
      case "cuped_ratio" -> {
        sums.of(Arm.NUMERATOR, arm.get("m_post"));
        sums.of(Arm.DENOMINATOR, arm.get("d_post"));
        sums.of(Arm.COVARIATE, arm.get("m_pre"));
        sums.of(Arm.COVARIATE_DENOMINATOR, arm.get("d_pre"));
        sums.product(Arm.NUMERATOR, Arm.DENOMINATOR, arm.get("m_post_d_post"));
        sums.product(Arm.NUMERATOR, Arm.COVARIATE, arm.get("m_post_m_pre"));
        sums.product(Arm.NUMERATOR, Arm.COVARIATE_DENOMINATOR, arm.get("m_post_d_pre"));
        sums.product(Arm.DENOMINATOR, Arm.COVARIATE, arm.get("m_pre_d_post"));
        sums.product(Arm.DENOMINATOR, Arm.COVARIATE_DENOMINATOR, arm.get("d_post_d_pre"));
        sums.product(Arm.COVARIATE, Arm.COVARIATE_DENOMINATOR, arm.get("m_pre_d_pre"));
        return new SufficientStatistics(MetricKind.RATIO, sums.moments());
      }
      default -> {
        sums.of(Arm.NUMERATOR, arm);
        return new SufficientStatistics(kind(type), sums.moments());
      }
    }
  }

  private static MetricKind kind(String type) {
    return type.equals("proportion") ? MetricKind.PROPORTION : MetricKind.MEAN;
  }

  private static final class Sums {
    private final long units;
    private final double[] sums = new double[VARIABLES];
    private final double[][] deviations = new double[VARIABLES][VARIABLES];

    Sums(long units) {
      this.units = units;
      sums[Arm.DENOMINATOR] = units;
      sums[Arm.COVARIATE_DENOMINATOR] = units;
    }

    void of(int variable, JsonNode statistic) {
      sums[variable] = statistic.get("sum").asDouble();
      double squares = statistic.path("sum_squares").asDouble(sums[variable]);
      deviations[variable][variable] = squares - sums[variable] * sums[variable] / units;
    }

    void product(int one, int other, JsonNode sum) {
      deviations[other][one] = sum.asDouble() - sums[one] * sums[other] / units;
    }

    Moments moments() {
      double[] means = new double[VARIABLES];
      double[] products = new double[VARIABLES * (VARIABLES + 1) / 2];
      int pair = 0;
      for (int i = 0; i < VARIABLES; i++) {
        means[i] = sums[i] / units;
        for (int j = 0; j <= i; j++) {
          products[pair++] = deviations[i][j];
        }
      }
      return Moments.of(units, means, products);
    }
  }
}
