package io.crewcast.benchmarks.measure;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * What a figure should be.
 *
 * @param sense from where
 * @param bound to which value
 */
public record Target(Sense sense, double bound) {

  /** On which side of the bound it is met. */
  public enum Sense {
    AT_LEAST(">="),
    AT_MOST("<="),
    BELOW("<"),
    ABOVE(">");

    private final String sign;

    Sense(String sign) {
      this.sign = sign;
    }
  }

  public static Target atLeast(double bound) {
    return new Target(Sense.AT_LEAST, bound);
  }

  public static Target atMost(double bound) {
    return new Target(Sense.AT_MOST, bound);
  }

  public static Target below(double bound) {
    return new Target(Sense.BELOW, bound);
  }

  public static Target above(double bound) {
    return new Target(Sense.ABOVE, bound);
  }

  public boolean isMet(double value) {
    return switch (sense) {
      case AT_LEAST -> value >= bound;
      case AT_MOST -> value <= bound;
      case BELOW -> value < bound;
      case ABOVE -> value > bound;
    };
  }

  @Override
  @JsonValue
  public String toString() {
    return sense.sign + " " + Figure.text(bound);
  }
}
