package io.crewcast.local.verify;

import static java.util.stream.Collectors.joining;

import io.crewcast.local.lake.Database;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whole numbers that add up over what counts: running sums over the two ends of every stretch,
 * exact and linear in the number of rows.
 */
final class RunningSums {

  /** So many sums are run at once: what DuckDB holds in memory is bounded by it. */
  private static final int AT_ONCE = 12;

  /**
   * A running whole number.
   *
   * @param by the field that splits it; null for one over all
   * @param value SQL over the table live; null adds nothing
   * @param distinct true to count different values rather than to add them up
   */
  private record Sum(Stretch of, @Nullable String by, String value, boolean distinct) {}

  /** What the sums of one stretch add and take away, row by row. */
  private record Deltas(String table, @Nullable String by, List<String> sums) {}

  private record Column(String name, String sql, String sum) {}

  private final Database sql;
  private final Map<Sum, String> sums = new LinkedHashMap<>();
  private final List<Column> columns = new ArrayList<>();
  private final List<Deltas> deltas = new ArrayList<>();

  RunningSums(Database sql) {
    this.sql = sql;
  }

  /** The name of the running sum of a value, for use in {@link #add}. */
  String sum(Stretch of, @Nullable String by, String value) {
    return name(new Sum(of, by, value, false));
  }

  /** The name of the running number of different values. */
  String different(Stretch of, String value) {
    return name(new Sum(of, null, value, true));
  }

  private String name(Sum sum) {
    String name = sums.get(sum);
    if (name == null) {
      name = "m" + (sums.size() + 1);
      sums.put(sum, name);
    }
    return name;
  }

  /**
   * Adds a column to be computed.
   *
   * @param value SQL over sums of one stretch and one {@code by}
   * @param sum one of these sums
   */
  void add(String column, String value, String sum) {
    columns.add(new Column(column, value, sum));
  }

  /** Reads from the table live what counts in this stretch. */
  void read(Stretch stretch) throws SQLException {
    Map<List<@Nullable String>, Map<String, String>> added = new LinkedHashMap<>();
    for (Map.Entry<Sum, String> entry : sums.entrySet()) {
      Sum sum = entry.getKey();
      if (sum.of().equals(stretch)) {
        if (sum.distinct()) {
          readDifferent(sum.value(), entry.getValue());
        } else {
          added
              .computeIfAbsent(java.util.Arrays.asList(sum.by()), by -> new LinkedHashMap<>())
              .put(entry.getValue(), sum.value());
        }
      }
    }
    for (Map.Entry<List<@Nullable String>, Map<String, String>> group : added.entrySet()) {
      readAdded(group.getKey().get(0), group.getValue());
    }
  }

  private void readAdded(@Nullable String by, Map<String, String> values) throws SQLException {
    String table = "delta_" + deltas.size();
    String key = by == null ? "" : ", v_" + by + " as key";
    sql.run(
        """
        create or replace table %1$s as
        select %2$s, %3$s from (
          select entity_no%4$s, from_idx as idx, %5$s from live
          union all
          select entity_no%4$s, end_idx, %6$s from live)
        %7$s
        group by %2$s
        """
            .formatted(
                table,
                by == null ? "entity_no, idx" : "entity_no, key, idx",
                values.keySet().stream()
                    .map(name -> "sum(%1$s) as %1$s".formatted(name))
                    .collect(joining(", ")),
                key,
                values.entrySet().stream()
                    .map(value -> "%s as %s".formatted(value.getValue(), value.getKey()))
                    .collect(joining(", ")),
                values.values().stream().map("-(%s)"::formatted).collect(joining(", ")),
                by == null ? "" : "where key is not null"));
    deltas.add(new Deltas(table, by, List.copyOf(values.keySet())));
  }

  private void readDifferent(String value, String sum) throws SQLException {
    String table = "delta_" + deltas.size();
    sql.run("create or replace table %s as %s".formatted(table, different(value, sum)));
    deltas.add(new Deltas(table, null, List.of(sum)));
  }

  /** A value counts while anything carries it. */
  static String different(String value, String sum) {
    return """
    select entity_no, idx, sum(cast(carriers > 0 as bigint) - cast(carriers - d > 0 as bigint)) as %2$s
    from (
      select entity_no, idx, d, sum(d) over (partition by entity_no, value order by idx) as carriers
      from (
        select entity_no, value, idx, sum(d) as d from (
          select entity_no, %1$s as value, from_idx as idx, 1 as d from live
          union all
          select entity_no, %1$s, end_idx, -1 from live)
        where value is not null
        group by all having sum(d) <> 0))
    group by entity_no, idx
    """
        .formatted(value, sum);
  }

  /**
   * Makes tables of row_no and the columns that were added.
   *
   * @param prefix of the tables' names
   * @return table by column
   */
  Map<String, String> run(String prefix) throws SQLException {
    Map<String, String> tables = new LinkedHashMap<>();
    List<Deltas> together = new ArrayList<>();
    for (int i = 0; i < deltas.size(); i++) {
      if (deltas.get(i).by() == null) {
        together.add(deltas.get(i));
      }
      long waiting = together.stream().mapToLong(d -> d.sums().size()).sum();
      if (waiting >= AT_ONCE || (waiting > 0 && i == deltas.size() - 1)) {
        runOverAll(prefix + tables.size(), together, tables);
        together.clear();
      }
    }
    for (String by : deltas.stream().map(Deltas::by).filter(Objects::nonNull).distinct().toList()) {
      List<Deltas> split = deltas.stream().filter(d -> by.equals(d.by())).toList();
      runByShare(prefix + tables.size(), by, split, tables);
    }
    for (Deltas read : deltas) {
      sql.run("drop table " + read.table());
    }
    return tables;
  }

  private void runOverAll(String table, List<Deltas> of, Map<String, String> tables)
      throws SQLException {
    sql.run(
        """
        create or replace table %1$s as
        select row_no, %2$s from (
          select own.row_no, %3$s
          from own %4$s
          window so_far as (partition by own.entity_no order by own.idx))
        """
            .formatted(
                table,
                select(of, table, tables),
                sums(of, "coalesce(sum(%1$s) over so_far, 0) as %1$s"),
                of.stream()
                    .map(d -> "left join %s using (entity_no, idx)".formatted(d.table()))
                    .collect(joining(" "))));
  }

  /** Each row has the share of its own event's value. */
  private void runByShare(String table, String by, List<Deltas> of, Map<String, String> tables)
      throws SQLException {
    sql.run(
        """
        create or replace table running as
        select entity_no, key, idx, %1$s
        from (select entity_no, key, idx, %2$s from (%3$s) group by entity_no, key, idx)
        window so_far as (partition by entity_no, key order by idx)
        """
            .formatted(
                sums(of, "coalesce(sum(%1$s) over so_far, 0) as %1$s"),
                sums(of, "sum(%1$s) as %1$s"),
                of.stream().map(d -> "from " + d.table()).collect(joining(" union all by name "))));
    sql.run(
        """
        create or replace table %1$s as
        select own.row_no, %2$s
        from own left join (
          select s.entity_no, s.idx, %3$s
          from subject_%4$s s
          asof left join running r on r.entity_no = s.entity_no and r.key = s.key and r.idx <= s.idx
        ) using (entity_no, idx)
        """
            .formatted(
                table, select(of, table, tables), sums(of, "coalesce(r.%1$s, 0) as %1$s"), by));
    sql.run("drop table running");
  }

  private String select(List<Deltas> of, String table, Map<String, String> tables) {
    List<String> sumsOf = of.stream().flatMap(d -> d.sums().stream()).toList();
    return columns.stream()
        .filter(column -> sumsOf.contains(column.sum()))
        .peek(column -> tables.put(column.name(), table))
        .map(column -> "%s as %s".formatted(column.sql(), column.name()))
        .collect(joining(", "));
  }

  private static String sums(List<Deltas> of, String format) {
    return of.stream()
        .flatMap(d -> d.sums().stream())
        .map(format::formatted)
        .collect(joining(", "));
  }
}
