package io.crewcast.features.definition;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.expression.Expression;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What a column may be called: it is a name in state, in Avro, in SQL and in expressions. */
final class ColumnName {

  private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9_]{0,62}");

  private static final List<String> OF_EVERY_ROW =
      List.of("company_id", "as_of", "sequence", "event_id", "date");

  /** Reserved in DuckDB 1.5, and nearly so in PostgreSQL: a column would have to be quoted. */
  private static final Set<String> OF_SQL =
      Set.of(
          ("all analyse analyze and any array as asc asymmetric both case cast check collate column"
                  + " constraint create default deferrable desc describe distinct do else end except"
                  + " false fetch for foreign from group having in initially intersect into lambda"
                  + " lateral leading limit not null offset on only or order pivot pivot_longer"
                  + " pivot_wider placing primary qualify references returning select show some"
                  + " summarize symmetric table then to trailing true union unique unpivot using"
                  + " variadic when where window with")
              .split(" "));

  private ColumnName() {}

  /**
   * Checks the name of a column of an entity.
   *
   * @throws InvalidDefinitionException with what to do about a name that cannot be
   */
  static void require(String name, EntityType entity, YamlFile place) {
    requireForm(name, place);
    if (OF_SQL.contains(name)) {
      throw place.fault("'" + name + "' is a word of SQL; choose another name");
    } else if (OF_EVERY_ROW.contains(name) || FeatureSchema.idFields(entity).contains(name)) {
      throw place.fault("'" + name + "' is a column of every row; choose another name");
    }
  }

  /** Checks a name that a column had: what is refused of new ones may have been one. */
  static void requireForm(String name, YamlFile place) {
    if (!FORM.matcher(name).matches()) {
      throw place.fault("'" + name + "' is no column name; use a to z, 0 to 9 and _");
    } else if (Expression.isReserved(name)) {
      throw place.fault("'" + name + "' is a word of expressions; choose another name");
    }
  }
}
