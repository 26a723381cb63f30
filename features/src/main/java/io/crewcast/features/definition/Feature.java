package io.crewcast.features.definition;

import io.crewcast.features.aggregate.Additive;
import io.crewcast.features.aggregate.Aggregation;
import io.crewcast.features.aggregate.Scale;
import io.crewcast.schemas.ValueType;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One aggregation of one input over one or more windows.
 *
 * @param name without window
 * @param aggregation how observations add up
 * @param source which facts are observed
 * @param input a field or {@code let} value of the fact; empty for a count of facts
 * @param inputType its type; LONG for a count of facts
 * @param key the field of the fact that splits the feature: {@code by}, of which the vector shows
 *     the event's own share, or {@code of}; null without
 * @param atMost how many different keys are told apart at once; beyond, keys share OTHER
 * @param divisor of the unit; 1 when none is declared
 * @param windows one column each
 * @param about what it means
 * @param saying how the definition says it, source and all but its windows: what may not change
 *     under a name
 */
public record Feature(
    String name,
    Aggregation aggregation,
    FactSource source,
    String input,
    ValueType inputType,
    @Nullable String key,
    int atMost,
    long divisor,
    List<Window> windows,
    String about,
    String saying)
    implements Serializable {

  public ValueType type() {
    ValueType type = aggregation.type(inputType);
    return divisor == 1 ? type : ValueType.DOUBLE;
  }

  /** True when the vector shows the event's own share. */
  public boolean isSplit() {
    return key != null && aggregation instanceof Additive;
  }

  /** The unit of its values; empty where they have none. */
  public String unit() {
    if (inputType == ValueType.BOOLEAN && type() == ValueType.DOUBLE) {
      return "share";
    } else if (type() == ValueType.LONG && !aggregation.isAmount()) {
      return "count";
    } else if (!aggregation.isAmount() || !inputType.isNumber()) {
      return "";
    }
    String lastWord = input.substring(input.lastIndexOf('_') + 1);
    return switch (lastWord) {
      case "minutes" -> FeatureEntry.unitOf(divisor);
      case "hours", "days", "cents", "points" -> lastWord;
      default -> "";
    };
  }

  /** How whole numbers in state stand for its values. */
  public Scale scale() {
    return Scale.of(inputType, divisor);
  }

  /** A value of the input's own unit in that of the feature. */
  public @Nullable Object inUnit(@Nullable Object value) {
    return divisor == 1 || value == null
        ? value
        : ((Number) value).doubleValue() / (double) divisor;
  }
}
