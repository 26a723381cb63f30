package io.crewcast.scoring.training;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What the gate said.
 *
 * @param reasons why it did not pass, a line each; none when it did
 * @param notes what it could not ask, a line each
 */
public record Verdict(
    String metric,
    double margin,
    List<Comparison> comparisons,
    List<String> reasons,
    List<String> notes) {

  /**
   * The model and one other on the same triggers.
   *
   * @param difference by how much the model is better; negative where it is worse
   * @param low of the 95 % interval of the difference
   * @param high of it
   * @param clusters by which it was drawn
   */
  public record Comparison(
      String other,
      double model,
      double otherValue,
      double difference,
      double low,
      double high,
      int clusters) {}

  @JsonProperty
  public boolean passed() {
    return reasons.isEmpty();
  }
}
