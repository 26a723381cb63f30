package io.crewcast.features.definition;

import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.expression.Expression;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.stream.Fact;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The facts that a feature counts, under a name of their own.
 *
 * @param name as definitions use it, such as {@code finished}
 * @param kind where they come from
 * @param when which of them count, over the fact's own fields; null for all
 * @param held true for {@code while}: the fact counts for as long as its standing version fits
 * @param let values computed from the fact and the vectors of entities visited before
 * @param freshWithin how old the newest of these facts may be; null for what the file says of all
 */
public record FactSource(
    String name,
    FactKind kind,
    @Nullable Expression when,
    boolean held,
    Map<String, Expression> let,
    @Nullable Duration freshWithin)
    implements Serializable {

  /** True when this version of a fact counts. */
  public boolean matches(Fact fact) {
    return FactKind.of(fact.getEvent()) == kind
        && (when == null || when.holds(field -> FactFields.value(fact, field)));
  }

  /** Which facts count, in words that stay the same while it does. */
  String saying() {
    String condition = when == null ? "" : (held ? " while " : " when ") + when.source();
    return "%s (%s%s)".formatted(name, kind.yamlName(), condition);
  }

  /** True when other entities have a part in a {@code let} value. */
  public boolean readsOthers() {
    return let.values().stream()
        .map(Expression::names)
        .anyMatch(names -> names.stream().anyMatch(name -> name.indexOf('.') >= 0));
  }
}
