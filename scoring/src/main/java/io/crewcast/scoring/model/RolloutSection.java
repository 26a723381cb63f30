package io.crewcast.scoring.model;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.ValueType;
import io.crewcast.scoring.rollout.Lineup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What stands under {@code rollout} in a model's file. */
record RolloutSection(
    @Nullable String unit,
    @Nullable String audience,
    @Nullable LinkedHashMap<String, String> weights) {

  private static final String SECTION = "rollout";
  private static final List<Double> EQUAL_WEIGHTS = List.of(0.5, 0.5);

  /** Where nothing stands. */
  static final ModelSpec.Rollout NONE = new ModelSpec.Rollout(null, null, EQUAL_WEIGHTS);

  /**
   * @param from the kind of fact that triggers
   * @param scope what the audience is told by
   */
  ModelSpec.Rollout checked(FactKind from, Map<String, ValueType> scope, ModelFile file) {
    EntityType of = null;
    if (unit != null && !unit.equals("company")) {
      of = file.entity(unit);
      if (!from.canName(of)) {
        throw file.fault(
            "unit", "a %s names no %s to try versions on".formatted(from.yamlName(), unit));
      }
    }
    return new ModelSpec.Rollout(
        of,
        audience == null ? null : file.condition(audience, scope),
        weights == null ? EQUAL_WEIGHTS : shares(weights, file));
  }

  private static List<Double> shares(Map<String, String> declared, ModelFile file) {
    if (!declared.keySet().equals(Set.copyOf(Lineup.VARIATIONS))) {
      throw file.fault("weights", "weights needs one share each of " + Lineup.VARIATIONS);
    }
    List<Double> shares =
        Lineup.VARIATIONS.stream()
            .map(name -> file.share(declared.getOrDefault(name, ""), SECTION, "weights"))
            .toList();
    if (Math.abs(shares.get(0) + shares.get(1) - 1) > 1e-9) {
      throw file.fault("weights", "the shares of weights do not add up to 100%");
    }
    return shares;
  }
}
