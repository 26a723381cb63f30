package io.crewcast.local.verify;

import static java.util.stream.Collectors.joining;

import io.crewcast.local.lake.Database;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What one kind of entity observes of the facts that name it, in SQL. */
final class ObservedFacts {

  private final Database sql;
  private final EntityFile file;
  private final Map<String, Map<String, SqlType>> visited;
  private final Map<String, Map<String, SqlValue>> inputs = new LinkedHashMap<>();

  /**
   * @param visited the columns of the entities that a fact visits before, by entity
   */
  ObservedFacts(Database sql, EntityFile file, Map<String, Map<String, SqlType>> visited) {
    this.sql = sql;
    this.file = file;
    this.visited = visited;
    for (ObservedFact fact : file.facts().values()) {
      inputs.put(fact.name(), inputs(fact));
    }
  }

  /** Makes the table observed_fact of each fact that the features observe. */
  void observe(List<DefinedFeature> features) throws SQLException {
    for (ObservedFact fact : file.facts().values()) {
      List<DefinedFeature> of =
          features.stream().filter(f -> f.fact().equals(fact.name())).toList();
      if (!of.isEmpty()) {
        observe(fact, of);
      }
    }
  }

  private void observe(ObservedFact fact, List<DefinedFeature> features) throws SQLException {
    Map<String, String> columns = new LinkedHashMap<>();
    for (DefinedFeature feature : features) {
      for (String name : new String[] {feature.input(), feature.of(), feature.by()}) {
        if (name != null && !name.isEmpty()) {
          SqlValue input = input(fact, name);
          columns.put("v_" + name, "cast(%s as %s)".formatted(input.sql(), input.type().sql()));
        }
      }
    }
    String select =
        columns.entrySet().stream()
            .map(column -> ", %s as %s".formatted(column.getValue(), column.getKey()))
            .collect(joining());
    String needed = select + fact.condition();
    StringBuilder visits = new StringBuilder();
    for (String entity : visited.keySet()) {
      if (needed.contains("visit_" + entity + ".")
          || fact.let().values().stream()
              .anyMatch(
                  l -> SqlExpression.names(l).stream().anyMatch(n -> n.startsWith(entity + ".")))) {
        visits.append(visit(entity));
      }
    }
    sql.run(
        """
        create or replace table observed_%1$s as
        select c.entity_no, c.from_idx, c.until_idx, c.occurred_at, c.place%2$s
        from (select * from counted where kind = '%3$s') c
        join fields_%3$s f using (event_no)
        %4$s%5$s
        where %6$s
        """
            .formatted(
                fact.name(),
                select,
                fact.kind(),
                EventFields.hasHistory(fact.kind())
                    ? "left join history h using (applied_by)\n"
                    : "",
                visits,
                fact.condition() == null
                    ? "true"
                    : SqlExpression.translate(fact.condition(), name -> field(fact.kind(), name))
                        .sql()));
  }

  /** The row that the same change made of the entity that the fact visits before. */
  private static String visit(String entity) {
    return """
    left join (
      select n.event_no, s.event_no as applied_by, e.*
      from (from naming where entity = '%1$s') n
      join step s on s.entity_no = n.entity_no
      join (from timeline where entity = '%1$s') t on t.entity_no = s.entity_no and t.idx = s.applied_idx
      join emitted_%1$s e on e.rowid = t.row_no
    ) visit_%1$s on visit_%1$s.event_no = c.event_no and visit_%1$s.applied_by = c.applied_by
    """
        .formatted(entity);
  }

  private Map<String, SqlValue> inputs(ObservedFact fact) {
    Map<String, SqlValue> let = new LinkedHashMap<>();
    fact.let()
        .forEach(
            (name, expression) ->
                let.put(
                    name,
                    SqlExpression.translate(
                        expression,
                        operand ->
                            operand.indexOf('.') < 0
                                ? field(fact.kind(), operand)
                                : ofVisited(operand))));
    return let;
  }

  private static Optional<SqlValue> field(String kind, String name) {
    SqlValue field = EventFields.field(kind, name);
    if (field == null) {
      return Optional.empty();
    }
    return Optional.of(
        EventFields.isOfHistory(kind, name) ? field : new SqlValue("f.f_" + name, field.type()));
  }

  private Optional<SqlValue> ofVisited(String name) {
    int dot = name.indexOf('.');
    String entity = name.substring(0, dot);
    String column = name.substring(dot + 1);
    return Optional.ofNullable(visited.getOrDefault(entity, Map.of()).get(column))
        .map(type -> new SqlValue("visit_%s.%s".formatted(entity, column), type));
  }

  private SqlValue input(ObservedFact fact, String name) {
    SqlValue let = Sql.at(inputs, fact.name()).get(name);
    return let != null
        ? let
        : field(fact.kind(), name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "%s.yaml: a %s has no '%s'".formatted(file.entity(), fact.kind(), name)));
  }

  SqlType inputType(DefinedFeature feature) {
    return feature.input().isEmpty()
        ? SqlType.LONG
        : input(Sql.at(file.facts(), feature.fact()), feature.input()).type();
  }
}
