package io.crewcast.features.aggregate;

import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The value at rank ⌊at (n - 1)⌋ of the sorted observations, to 1 % of itself. Observations are
 * counted in buckets that grow by a constant factor (Masson, Rim, Lee: DDSketch, VLDB 2019), so
 * that each can be taken back and no order matters. What is nearer to zero than a
 * thousand-millionth is zero.
 *
 * @param at between 0 and 1; 0.5 is the median
 */
record Quantile(double at) implements Tallied {

  private static final double ERROR = 0.01;
  private static final double GROWTH = (1 + ERROR) / (1 - ERROR);
  private static final double LOG_GROWTH = StrictMath.log(GROWTH);
  private static final double SMALLEST = 1e-9;

  /** Buckets are numbered from here, so that those of negative values sort below zero's. */
  private static final int ONE = 1 << 20;

  @Override
  public boolean isAmount() {
    return true;
  }

  @Override
  public int atMost() {
    return Integer.MAX_VALUE; // buckets are few by themselves: 1,000 for nine orders of magnitude
  }

  @Override
  public String key(Object value) {
    double number = ((Number) value).doubleValue();
    double size = Math.abs(number);
    int bucket = size < SMALLEST ? 0 : ONE + (int) Math.ceil(StrictMath.log(size) / LOG_GROWTH);
    return Integer.toString(number < 0 ? -bucket : bucket, Character.MAX_RADIX);
  }

  @Override
  public @Nullable Object result(Counts counts) {
    TreeMap<Integer, Long> buckets = new TreeMap<>();
    counts.forEach(
        (key, number) ->
            buckets.put(
                Integer.parseInt(Objects.requireNonNull(key), Character.MAX_RADIX), number));
    long n = buckets.values().stream().mapToLong(Long::longValue).sum();
    long rank = (long) (at * (n - 1));
    for (var bucket : buckets.entrySet()) {
      rank -= bucket.getValue();
      if (rank < 0) {
        return middle(bucket.getKey());
      }
    }
    return null;
  }

  /** What is at most 1 % away from all that the bucket holds. */
  private static double middle(int bucket) {
    if (bucket == 0) {
      return 0.0;
    }
    double size = 2 * StrictMath.pow(GROWTH, Math.abs(bucket) - ONE) / (GROWTH + 1);
    return bucket < 0 ? -size : size;
  }
}
