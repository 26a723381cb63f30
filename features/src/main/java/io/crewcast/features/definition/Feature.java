package io.crewcast.features.definition;

import io.crewcast.features.aggregate.Aggregation;
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
 * @param by the field of the fact that splits the feature; the vector shows the event's own share
 * @param divisor of the unit; 1 when none is declared
 * @param windows one column each
 * @param about what it means
 */
public record Feature(
    String name,
    Aggregation aggregation,
    FactSource source,
    String input,
    ValueType inputType,
    @Nullable String by,
    long divisor,
    List<Window> windows,
    String about)
    implements Serializable {

  public ValueType type() {
    return aggregation.resultType(inputType, divisor != 1);
  }

  /** Identifies the feature in state, whatever its place in the file. */
  public int id() {
    return name.hashCode();
  }
}
