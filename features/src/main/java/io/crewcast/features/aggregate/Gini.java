package io.crewcast.features.aggregate;

import java.math.BigInteger;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Gini coefficient of the sums under each key: 0 when all are equal, towards 1 when one has all.
 * With x ascending: (2 Σ i xᵢ - (n + 1) Σ x) / (n Σ x), after Gini's mean difference; numerator and
 * denominator are exact.
 */
record Gini() implements Tallied {

  @Override
  public boolean isWeighted() {
    return true;
  }

  @Override
  public @Nullable Object result(Counts counts) {
    LongStream.Builder numbers = LongStream.builder();
    counts.forEach((key, number) -> numbers.add(number));
    long[] ascending = numbers.build().sorted().toArray();
    int n = ascending.length;
    BigInteger sum = BigInteger.ZERO;
    BigInteger spread = BigInteger.ZERO;
    for (int i = 0; i < n; i++) {
      BigInteger number = BigInteger.valueOf(ascending[i]);
      sum = sum.add(number);
      spread = spread.add(number.multiply(BigInteger.valueOf(2L * (i + 1) - (n + 1))));
    }
    return sum.signum() <= 0
        ? null
        : spread.doubleValue() / sum.multiply(BigInteger.valueOf(n)).doubleValue();
  }
}
