package io.crewcast.scoring.drift;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How many records are usual, and what is too far from it. */
final class VolumeTest {

  private static final int WEEK = 168;
  private static final int YEAR = 52 * WEEK;

  /** Nothing at night, more on working days, a peak before noon. */
  private static double mean(int hour) {
    int day = hour / 24 % 7;
    int ofDay = hour % 24;
    double busy = ofDay < 6 || ofDay > 19 ? 0 : 150 * Math.exp(-Math.pow((ofDay - 10.5) / 4, 2));
    return day < 5 ? busy : busy / 4;
  }

  /** By how much more or less there is than usual; its mean is 1. */
  private interface Swing {
    double of(SplittableRandom random);
  }

  /** Marsaglia and Tsang (2000), shape of at least 1: the count is then negative binomial. */
  private static Swing gamma(double phi) {
    double d = 1 / phi - 1.0 / 3;
    double c = 1 / Math.sqrt(9 * d);
    return random -> {
      while (true) {
        double x = random.nextGaussian();
        double v = Math.pow(1 + c * x, 3);
        if (v > 0 && Math.log(random.nextDouble()) < x * x / 2 + d - d * v + d * Math.log(v)) {
          return d * v * phi;
        }
      }
    };
  }

  private static Swing lognormal(double sigma) {
    return random -> Math.exp(sigma * random.nextGaussian() - sigma * sigma / 2);
  }

  private static long poisson(double mean, SplittableRandom random) {
    long count = -1;
    for (double left = mean; left >= 0; left += Math.log(random.nextDouble())) {
      count++;
    }
    return Math.max(0, count);
  }

  private static long[] hours(int hours, Swing swing, SplittableRandom random) {
    long[] counts = new long[hours];
    Arrays.setAll(counts, hour -> poisson(mean(hour) * swing.of(random), random));
    return counts;
  }

  private static Volume before(long[] counts, int hour) {
    long[] past = new long[Volume.WEEKS * WEEK];
    Arrays.setAll(past, i -> hour - 1 - i < 0 ? Volume.UNKNOWN : counts[hour - 1 - i]);
    return Volume.of(past, WEEK);
  }

  @Test
  void isQuietWhileCountsVaryAsTheyAlwaysDid() {
    SplittableRandom random = new SplittableRandom(20260303);
    Swing[] swings = {ignored -> 1, gamma(0.02), gamma(0.1), gamma(0.3), lognormal(0.4)};
    String[] names = {"Poisson", "phi 0.02", "phi 0.1", "phi 0.3", "lognormal, sigma 0.4"};
    for (int i = 0; i < swings.length; i++) {
      long[] counts = hours(YEAR, swings[i], random);
      long judged = 0;
      long told = 0;
      for (int hour = Volume.WEEKS * WEEK; hour < counts.length; hour++) {
        if (mean(hour) == 0) {
          continue; // never told
        }
        Volume usual = before(counts, hour);
        judged += usual.isKnown() ? 1 : 0;
        told += usual.isLow(counts[hour]) || usual.isHigh(counts[hour]) ? 1 : 0;
      }
      System.out.printf("%s: %,d of %,d hours%n", names[i], told, judged);
      assertThat(judged).isGreaterThan(3_000);
      assertThat(told).as(names[i]).isLessThanOrEqualTo(judged / 1_000);
    }
  }

  @Test
  void findsStandstillsAndFloodsAlsoAfterADayOfThem() {
    long[] counts = hours(5 * WEEK, gamma(0.05), new SplittableRandom(7));
    Arrays.fill(counts, 2 * WEEK, 2 * WEEK + 24, 0);
    int noon = 4 * WEEK + 12;
    Volume usual = before(counts, noon);
    assertThat(usual.usual()).isBetween(100.0, 180.0);
    assertThat(usual.isLow(Math.round(usual.usual() / 8))).isTrue();
    assertThat(usual.isHigh(Math.round(8 * usual.usual()))).isTrue();
    assertThat(usual.isLow(counts[noon]) || usual.isHigh(counts[noon])).isFalse();
    assertThat(usual.least()).isLessThan(usual.usual() / 2);
    assertThat(usual.most()).isGreaterThan(usual.usual() * 2);
  }

  @Test
  void saysNothingOfFewerThanThreeWeeksNorOfHoursInWhichHardlyAnythingComes() {
    long[] counts = hours(5 * WEEK, ignored -> 1, new SplittableRandom(8));
    assertThat(before(counts, 2 * WEEK + 12).isKnown()).isFalse();
    assertThat(before(counts, 2 * WEEK + 12).usual()).isNaN();
    assertThat(before(counts, 3 * WEEK + 12).isKnown()).isTrue();
    Volume night = before(counts, 4 * WEEK + 2);
    assertThat(night.isKnown()).isFalse();
    assertThat(night.usual()).isZero();
    assertThat(night.isLow(0) || night.isHigh(1_000_000)).isFalse();
  }

  @Test
  void doesNotCareWhichWeekWasFirst() {
    long[] counts = hours(5 * WEEK, gamma(0.1), new SplittableRandom(9));
    long[] turned = counts.clone();
    System.arraycopy(counts, WEEK, turned, 3 * WEEK, WEEK);
    System.arraycopy(counts, 3 * WEEK, turned, WEEK, WEEK);
    for (int hour = 4 * WEEK; hour < 4 * WEEK + 24; hour++) {
      assertThat(before(turned, hour)).isEqualTo(before(counts, hour));
    }
  }
}
