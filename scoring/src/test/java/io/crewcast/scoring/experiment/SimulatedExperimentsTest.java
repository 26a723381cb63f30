package io.crewcast.scoring.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code docs/statistics.md} says of experiments that are looked at again and again. */
final class SimulatedExperimentsTest {

  private static final long SEED = 20_260_302;
  private static final int EXPERIMENTS = 4_000;
  private static final int EVERY = 100;
  private static final int EXPERIMENTS_WITH_AN_EFFECT = 40_000;
  private static final int UNITS = 20_000;
  private static final double ALPHA = 0.05;

  /** What a unit's value is. */
  enum Values implements ToDoubleFunction<SplittableRandom> {
    NORMAL(MetricKind.MEAN) {
      @Override
      public double applyAsDouble(SplittableRandom random) {
        return random.nextGaussian();
      }
    },
    ONE_IN_A_HUNDRED(MetricKind.PROPORTION) {
      @Override
      public double applyAsDouble(SplittableRandom random) {
        return random.nextInt(100) == 0 ? 1 : 0;
      }
    },
    /** For long never seen of one variation. */
    ONE_IN_A_THOUSAND(MetricKind.PROPORTION) {
      @Override
      public double applyAsDouble(SplittableRandom random) {
        return random.nextInt(1_000) == 0 ? 1 : 0;
      }
    },
    LOGNORMAL(MetricKind.MEAN) {
      @Override
      public double applyAsDouble(SplittableRandom random) {
        return Math.exp(2 * random.nextGaussian());
      }
    };

    private final MetricKind kind;

    Values(MetricKind kind) {
      this.kind = kind;
    }
  }

  /** Two variations that units enter one by one. */
  private static final class Trial {
    private final MetricKind kind;
    private final Moments[] arms = {Moments.none(Arm.VARIABLES), Moments.none(Arm.VARIABLES)};

    Trial(MetricKind kind) {
      this.kind = kind;
    }

    void add(int arm, double value) {
      arms[arm] = arms[arm].add(value, 1, 0, 1);
    }

    Difference difference() {
      return Difference.absolute(kind, arms[0], arms[1]);
    }
  }

  private static SplittableRandom random(int experiment) {
    return new SplittableRandom(SEED + experiment);
  }

  /** Shares of experiments without an effect that find one. */
  private record FalsePositives(double sequential, double oneSided, double repeated) {}

  private static FalsePositives withoutEffect(Values values) {
    var sequence = new ConfidenceSequence(ALPHA, 5_000);
    int[][] found =
        IntStream.range(0, EXPERIMENTS)
            .parallel()
            .mapToObj(
                experiment -> {
                  SplittableRandom random = random(experiment);
                  var trial = new Trial(values.kind);
                  int[] finds = new int[3];
                  for (int unit = 1; unit <= UNITS; unit++) {
                    trial.add(random.nextInt(2), values.applyAsDouble(random));
                    if (unit % EVERY == 0) {
                      Difference seen = trial.difference();
                      finds[0] |= sequence.interval(seen).contains(0) ? 0 : 1;
                      finds[1] |= sequence.above(seen).contains(0) ? 0 : 1;
                      finds[2] |= new WelchTest(seen).pValue() < ALPHA ? 1 : 0;
                    }
                  }
                  return finds;
                })
            .toArray(int[][]::new);
    return new FalsePositives(share(found, 0), share(found, 1), share(found, 2));
  }

  private static double share(int[][] found, int which) {
    return (double) IntStream.range(0, found.length).map(i -> found[i][which]).sum() / found.length;
  }

  @ParameterizedTest
  @EnumSource
  void findsNoEffectWhereThereIsNoneHoweverOftenItIsLookedAt(Values values) {
    FalsePositives found = withoutEffect(values);
    System.out.printf("A/A %s: %s%n", values, found);
    assertThat(found.sequential()).as("seed %d", SEED).isLessThanOrEqualTo(ALPHA);
    assertThat(found.oneSided()).as("seed %d", SEED).isLessThanOrEqualTo(ALPHA);
    assertThat(found.repeated())
        .as("a repeated t-test, which of what is rare is seldom asked")
        .isGreaterThan(values == Values.ONE_IN_A_THOUSAND ? 0.15 : 0.25);
  }

  @ParameterizedTest
  @ValueSource(ints = {20, EVERY})
  void findsAnEffectWithinOnePointSevenTimesTheSampleOfAFixedTest(int every) {
    double mean = 100;
    double deviation = 50;
    double fixed =
        new Power(ALPHA, Power.USUAL).units(0.05 * mean, deviation * deviation, 0.5, 0.5);
    var sequence = new ConfidenceSequence(ALPHA, fixed);
    int most = (int) (1.7 * fixed);
    double[] units =
        IntStream.range(0, EXPERIMENTS_WITH_AN_EFFECT)
            .parallel()
            .mapToDouble(
                experiment -> {
                  SplittableRandom random = random(experiment);
                  var trial = new Trial(MetricKind.MEAN);
                  for (int unit = 1; unit <= most; unit++) {
                    int arm = random.nextInt(2);
                    trial.add(arm, mean * (1 + 0.05 * arm) + deviation * random.nextGaussian());
                    if ((unit % every == 0 || unit == most)
                        && sequence.interval(trial.difference()).lower() > 0) {
                      return unit;
                    }
                  }
                  return Double.POSITIVE_INFINITY;
                })
            .sorted()
            .toArray();
    double found =
        (double)
                IntStream.range(0, EXPERIMENTS_WITH_AN_EFFECT).filter(i -> units[i] <= most).count()
            / EXPERIMENTS_WITH_AN_EFFECT;
    System.out.printf(
        "effect of 5 %%, looked at every %d: fixed %.0f, found %.3f within 1.7, median after %.2f of fixed%n",
        every, fixed, found, units[EXPERIMENTS_WITH_AN_EFFECT / 2] / fixed);
    assertThat(found).as("seed %d", SEED).isGreaterThanOrEqualTo(0.8);
  }

  /** Share of experiments in which the split is found to be wrong, and the median unit then. */
  private static double[] mismatches(double share) {
    var ratio = new SampleRatio(List.of(0.5, 0.5));
    double[] units =
        IntStream.range(0, EXPERIMENTS)
            .parallel()
            .mapToDouble(
                experiment -> {
                  SplittableRandom random = random(experiment);
                  long[] counts = new long[2];
                  for (int unit = 1; unit <= UNITS; unit++) {
                    counts[random.nextDouble() < share ? 0 : 1]++;
                    if (unit % EVERY == 0
                        && ratio.pValue(List.of(counts[0], counts[1])) < SampleRatio.LEVEL) {
                      return unit;
                    }
                  }
                  return Double.POSITIVE_INFINITY;
                })
            .sorted()
            .toArray();
    double found =
        (double) IntStream.range(0, EXPERIMENTS).filter(i -> units[i] <= UNITS).count()
            / EXPERIMENTS;
    return new double[] {found, units[EXPERIMENTS / 2], units[(int) (EXPERIMENTS * 0.99)]};
  }

  @Test
  void findsASplitThatIsNotTheOneOfTheWeightsAndNoOther() {
    double[] right = mismatches(0.5);
    double[] wrong = mismatches(0.45);
    System.out.printf(
        "SRM 50/50: %.4f; 45/55: %.3f, median after %.0f units, 99 %% after %.0f%n",
        right[0], wrong[0], wrong[1], wrong[2]);
    assertThat(right[0]).as("seed %d", SEED).isLessThanOrEqualTo(SampleRatio.LEVEL);
    assertThat(wrong[0]).as("seed %d", SEED).isEqualTo(1);
  }
}
