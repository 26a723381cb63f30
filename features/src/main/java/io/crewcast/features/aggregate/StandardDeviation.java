package io.crewcast.features.aggregate;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Standard deviation of a sample (n - 1 in the denominator); missing below two observations.
 *
 * <p>Kept are n, the sum, and the sum of squares in limbs of 32 bits that add each for itself: two
 * thousand million observations fit before one overflows. n Σx² - (Σx)² is computed exactly, so
 * nothing cancels.
 */
record StandardDeviation() implements Additive {

  private static final int LIMBS = 4;
  private static final long LIMB = 0xFFFF_FFFFL;

  @Override
  public boolean isAmount() {
    return true;
  }

  @Override
  public int width() {
    return 2 + LIMBS;
  }

  @Override
  public long[] contribution(long value) {
    long high = Math.multiplyHigh(value, value);
    long low = value * value;
    return new long[] {1, value, low & LIMB, low >>> 32, high & LIMB, high >>> 32};
  }

  @Override
  public @Nullable Object result(long[] sums, Scale scale) {
    long n = sums[0];
    if (n < 2) {
      return null;
    }
    BigInteger squares = BigInteger.ZERO;
    for (int i = LIMBS - 1; i >= 0; i--) {
      squares = squares.shiftLeft(32).add(BigInteger.valueOf(sums[2 + i]));
    }
    BigInteger sum = BigInteger.valueOf(sums[1]);
    BigInteger spread = squares.multiply(BigInteger.valueOf(n)).subtract(sum.multiply(sum));
    return Math.sqrt(spread.doubleValue() / ((double) n * (double) (n - 1)))
        / (double) scale.parts();
  }
}
