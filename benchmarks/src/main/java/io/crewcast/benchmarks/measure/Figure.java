package io.crewcast.benchmarks.measure;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line of a report.
 *
 * @param name what was measured
 * @param value as measured
 * @param unit of the value
 * @param ratio to the figure that the name says; null when it stands alone
 * @param target of the ratio where there is one, else of the value; null when it has none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Figure(
    String name, double value, String unit, @Nullable Double ratio, @Nullable Target target) {

  public static Figure of(String name, double value, String unit) {
    return new Figure(name, value, unit, null, null);
  }

  public Figure withRatio(double ratio) {
    return new Figure(name, value, unit, ratio, target);
  }

  public Figure withTarget(Target target) {
    return new Figure(name, value, unit, ratio, target);
  }

  /** Whether the target is met; null without one. */
  @JsonProperty
  public @Nullable Boolean met() {
    return target == null ? null : target.isMet(ratio == null ? value : ratio);
  }

  /** A number with three digits or all before the point. */
  static String text(double number) {
    int decimals = number >= 100 || number == Math.rint(number) ? 0 : number >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%,." + decimals + "f", number);
  }
}
