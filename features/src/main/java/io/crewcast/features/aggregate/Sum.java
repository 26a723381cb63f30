package io.crewcast.features.aggregate;

import io.crewcast.schemas.ValueType;

/** Sum of numbers; one that is missing adds nothing. */
record Sum() implements Additive {

  @Override
  public ValueType type(ValueType input) {
    return input;
  }

  @Override
  public boolean isAmount() {
    return true;
  }

  @Override
  public int width() {
    return 1;
  }

  @Override
  public long[] contribution(long value) {
    return new long[] {value};
  }

  @Override
  public Object result(long[] sums, Scale scale) {
    return scale.value(sums[0]);
  }
}
