package io.crewcast.features.aggregate;

import io.crewcast.schemas.ValueType;

/** Number of facts. */
record Count() implements Additive {

  @Override
  public boolean accepts(ValueType input) {
    return true;
  }

  @Override
  public ValueType type(ValueType input) {
    return ValueType.LONG;
  }

  @Override
  public int width() {
    return 1;
  }

  @Override
  public long[] contribution(long value) {
    return new long[] {1};
  }

  @Override
  public Object result(long[] sums, Scale scale) {
    return sums[0];
  }
}
