package io.crewcast.features.aggregate;

import io.crewcast.schemas.ValueType;
import org.jspecify.annotations.Nullable;

/** Mean of numbers, or share of yes, over the observations that are there. */
record Mean() implements Additive {

  @Override
  public boolean accepts(ValueType input) {
    return input.isNumber() || input == ValueType.BOOLEAN;
  }

  @Override
  public boolean isAmount() {
    return true;
  }

  @Override
  public int width() {
    return 2;
  }

  @Override
  public long[] contribution(long value) {
    return new long[] {value, 1};
  }

  @Override
  public @Nullable Object result(long[] sums, Scale scale) {
    return sums[1] == 0 ? null : (double) sums[0] / ((double) sums[1] * (double) scale.parts());
  }
}
