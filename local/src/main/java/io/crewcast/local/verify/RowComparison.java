package io.crewcast.local.verify;

import static java.util.stream.Collectors.joining;

import io.crewcast.local.lake.Database;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Holds the emitted rows of one kind of entity to what they should be. */
final class RowComparison {

  private static final int EXAMPLES = 3;

  /** What a quantile may be off: its histogram's buckets. */
  private static final double QUANTILE_ERROR = 0.01;

  private final Database sql;
  private final String entity;

  RowComparison(Database sql, String entity) {
    this.sql = sql;
    this.entity = entity;
  }

  /** Compares columns, in their order. */
  Map<String, FeatureResult> columns(Map<String, RecomputedColumn> columns, Set<String> comparable)
      throws SQLException {
    Map<String, List<String>> ofTable = new LinkedHashMap<>();
    columns.forEach(
        (name, column) -> {
          if (comparable.contains(name)) {
            ofTable.computeIfAbsent(column.table(), t -> new ArrayList<>()).add(name);
          }
        });
    Map<String, FeatureResult> results = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> table : ofTable.entrySet()) {
      String counts =
          table.getValue().stream()
              .map(
                  name -> {
                    RecomputedColumn column = Sql.at(columns, name);
                    return "count(*) filter (%1$s), count(*) filter (not (%1$s) and %2$s)"
                        .formatted(overflows(column), differs(name, column));
                  })
              .collect(joining(", "));
      long[] numbers =
          sql.numbers("select count(*), %s %s".formatted(counts, rows(table.getKey())));
      for (int i = 0; i < table.getValue().size(); i++) {
        String name = table.getValue().get(i);
        RecomputedColumn column = Sql.at(columns, name);
        long overflowed = numbers[2 * i + 1];
        long different = numbers[2 * i + 2];
        results.put(
            name,
            new FeatureResult(
                entity,
                name,
                false,
                numbers[0] - overflowed,
                different,
                overflowed,
                different == 0 ? List.of() : examples(name, column),
                null));
      }
    }
    return results;
  }

  private String rows(String table) {
    return "from %s x join own using (row_no) join emitted_%s e on e.rowid = own.row_no"
        .formatted(table, entity);
  }

  private static String overflows(RecomputedColumn column) {
    return column.overflowed().isEmpty()
        ? "false"
        : column.overflowed().stream()
            .map("own.entity_no in (select entity_no from %s)"::formatted)
            .collect(joining(" or "));
  }

  private static String differs(String name, RecomputedColumn column) {
    String format =
        column.approximate()
            ? "(x.%1$s is null <> (e.%2$s is null) or coalesce(abs(e.%2$s - x.%1$s) > %3$s *"
                + " abs(x.%1$s) + 1e-9, false))"
            : "x.%1$s is distinct from e.%2$s";
    return format.formatted(column.value(), name, Sql.real(QUANTILE_ERROR));
  }

  private List<String> examples(String name, RecomputedColumn column) throws SQLException {
    String shown = column.type() == SqlType.INSTANT ? "make_timestamp(%s)" : "%s";
    return sql.texts(
        """
        select %s || coalesce(cast(%s as varchar), 'null') || ', emitted ' || coalesce(cast(%s as varchar), 'null')
        %s where not (%s) and %s order by e.sequence, e.as_of, e.id limit %d
        """
            .formatted(
                WHICH + "|| ': recomputed ' ",
                shown.formatted("x." + column.value()),
                shown.formatted("e." + name),
                rows(column.table()),
                overflows(column),
                differs(name, column),
                EXAMPLES));
  }

  private static final String WHICH =
      "e.company_id || ':' || e.id || ', sequence ' || e.sequence || ' as of ' ||"
          + " make_timestamp(e.as_of) || coalesce(', event ' || e.event_id, '') ";

  /** Checks that each row's time, number and event follow from the row before. */
  List<FeatureResult> order(EntityFile file) throws SQLException {
    long hop =
        file.features().stream()
            .flatMap(feature -> feature.windows().stream())
            .mapToLong(FeatureWindow::hopMicros)
            .filter(micros -> micros > 0)
            .min()
            .orElse(1);
    String row =
        """
        from (
          select *, lag(as_of) over by_row as as_of_before, lag(sequence) over by_row as sequence_before
          from timeline join extent using (entity_no)
          where entity = '%1$s' and idx <= last_idx and entity_no in (select entity_no from entity where chosen)
          window by_row as (partition by entity_no order by idx)
        ) t join emitted_%1$s e on e.rowid = t.row_no
        """
            .formatted(entity);
    List<FeatureResult> results = new ArrayList<>();
    results.add(
        check(
            "as_of",
            """
            select %s as which, make_timestamp(expected) as expected, make_timestamp(t.as_of) as emitted, expected <> t.as_of as different
            """
                .formatted(WHICH),
            row.replace(
                "select *,",
                "select *, case when event_id is null then greatest(as_of // %1$d * %1$d, lag(as_of) over by_row) else greatest(coalesce(lag(as_of) over by_row, 0), coalesce(recorded_at, as_of)) end as expected,"
                    .formatted(hop))));
    results.add(
        check(
            "sequence",
            """
            select %s as which, case when t.event_id is null then sequence_before else coalesce(sequence_before, 0) + 1 end as expected,
                   t.sequence as emitted, expected <> t.sequence as different
            """
                .formatted(WHICH),
            row));
    results.add(
        check(
            "event_id",
            """
            select %s as which, 'an event that touches it' as expected, t.event_id as emitted, d.event_no is null as different
            """
                .formatted(WHICH),
            row
                + "left join (select distinct entity_no, event_no from due) d on d.entity_no ="
                + " t.entity_no and d.event_no = t.event_no where t.event_id is not null"));
    return results;
  }

  /** Checks that there is a row for each change. */
  FeatureResult changes(EntityFile file) throws SQLException {
    return check(
        "changes",
        """
        select n.company_id || ':' || n.id || ', event ' || v.event_id as which, 'a row' as expected,
               case when s.event_no is null then 'none' else 'a row' end as emitted, s.event_no is null as different
        """,
        """
        from due d join entity n using (entity_no) join ranked v using (event_no)
        left join step s on s.entity_no = d.entity_no and s.event_no = d.event_no
        where n.entity = '%s' and n.chosen and d.kind in (%s)
        """
            .formatted(
                entity,
                file.facts().values().stream()
                    .map(fact -> Database.text(fact.kind()))
                    .distinct()
                    .collect(joining(", "))));
  }

  private FeatureResult check(String name, String select, String from) throws SQLException {
    String rows = "from (%s %s)".formatted(select, from);
    long[] numbers = sql.numbers("select count(*), count(*) filter (different) " + rows);
    List<String> examples =
        numbers[1] == 0
            ? List.of()
            : sql.texts(
                "select which || ': should be ' || expected || ', is ' || coalesce(cast(emitted as varchar), 'null') %s where different order by which limit %d"
                    .formatted(rows, EXAMPLES));
    return new FeatureResult(entity, name, true, numbers[0], numbers[1], 0, examples, null);
  }
}
