package io.crewcast.features.aggregate;

import io.crewcast.schemas.ValueType;

/** Number of different texts, or of different items of lists. */
record Distinct() implements Tallied {

  @Override
  public boolean accepts(ValueType input) {
    return input == ValueType.STRING || input == ValueType.STRINGS;
  }

  @Override
  public ValueType type(ValueType input) {
    return ValueType.LONG;
  }

  @Override
  public int atMost() {
    return 4_096;
  }

  @Override
  public Object result(Counts counts) {
    return (long) counts.size();
  }
}
