package io.crewcast.local.verify;

import io.crewcast.local.lake.Database;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The columns of one kind of entity that are made of facts: what counts in their windows at each
 * row that is at hand, and what it comes to.
 */
final class LiveColumns {

  /** Real numbers are kept in millionths, as whole numbers. */
  private static final long PARTS_OF_ONE = 1_000_000;

  private final Database sql;
  private final EntityFile file;
  private final ObservedFacts facts;
  private final Map<String, SqlType> types;

  /**
   * @param types of the file's columns, which may still be found
   */
  LiveColumns(Database sql, EntityFile file, ObservedFacts facts, Map<String, SqlType> types) {
    this.sql = sql;
    this.file = file;
    this.facts = facts;
    this.types = types;
  }

  /**
   * Makes the tables of the columns of some features.
   *
   * @param every false where only an entity's last row is at hand
   */
  Map<String, RecomputedColumn> recompute(List<DefinedFeature> features, boolean every)
      throws SQLException {
    Map<String, String> tables = new LinkedHashMap<>();
    Map<DefinedFeature, Set<String>> overflowed = new LinkedHashMap<>();
    RunningSums sums = new RunningSums(sql);
    Set<Stretch> stretches = new LinkedHashSet<>();
    for (DefinedFeature feature : features) {
      for (FeatureWindow window : feature.windows()) {
        Stretch of = new Stretch(feature.fact(), window);
        Stretch same =
            new Stretch(of.fact(), new FeatureWindow("", window.micros(), window.hopMicros()));
        stretches.add(same);
        add(sums, same, feature, window.column(feature.name()));
      }
    }
    for (Stretch stretch : stretches) {
      findLive(stretch, every);
      sums.read(stretch);
      for (DefinedFeature feature : features) {
        if (feature.fact().equals(stretch.fact())) {
          if (isSame(feature.longest(), stretch.window())) {
            findOverflowed(feature, every)
                .ifPresent(
                    t -> overflowed.computeIfAbsent(feature, f -> new LinkedHashSet<>()).add(t));
          }
          for (FeatureWindow window : feature.windows()) {
            if (isSame(window, stretch.window())) {
              String column = window.column(feature.name());
              if (find(feature, column)) {
                tables.put(column, "live_" + column);
              }
            }
          }
        }
      }
    }
    sql.run("drop table if exists live");
    tables.putAll(sums.run("sums_"));
    Map<String, RecomputedColumn> columns = new LinkedHashMap<>();
    for (DefinedFeature feature : features) {
      for (FeatureWindow window : feature.windows()) {
        String column = window.column(feature.name());
        String table = Sql.at(tables, column);
        columns.put(
            column,
            new RecomputedColumn(
                table,
                table.startsWith("live_") ? "value" : column,
                Sql.at(types, column),
                feature.aggregate() == Aggregate.QUANTILE,
                overflowed.getOrDefault(feature, Set.of())));
      }
    }
    return columns;
  }

  private static boolean isSame(FeatureWindow one, FeatureWindow other) {
    return one.micros() == other.micros() && one.hopMicros() == other.hopMicros();
  }

  /** Makes the table live: what counts in the window, from which row until which. */
  private void findLive(Stretch stretch, boolean every) throws SQLException {
    FeatureWindow window = stretch.window();
    String observed = "observed_" + stretch.fact();
    if (!every) {
      sql.run(
          """
          create or replace table live as
          select o.* replace (own.idx as from_idx), own.idx + 1 as end_idx
          from %s o join own using (entity_no)
          where %s
          """
              .formatted(
                  observed,
                  window.isLifetime() ? "true" : "o.occurred_at >= " + window.lowest("own.as_of")));
    } else if (window.isLifetime()) {
      sql.run("create or replace table live as select *, until_idx as end_idx from " + observed);
    } else {
      sql.run(
          """
          create or replace table live as
          select o.*, least(o.until_idx, coalesce(f.idx, o.until_idx)) as end_idx
          from %s o
          asof left join (select entity_no, %s as lowest, min(idx) as idx from own group by all) f
            on f.entity_no = o.entity_no and o.occurred_at < f.lowest
          """
              .formatted(observed, window.lowest("as_of")));
      sql.run("delete from live where end_idx <= from_idx");
    }
  }

  private void add(RunningSums sums, Stretch of, DefinedFeature feature, String column) {
    String by = feature.by();
    String input = "v_" + feature.input();
    if (feature.aggregate() == Aggregate.COUNT) {
      String n = sums.sum(of, by, "1");
      sums.add(column, whole(n), n);
      return;
    } else if (feature.aggregate() == Aggregate.DISTINCT) {
      boolean isList = facts.inputType(feature) == SqlType.TEXTS;
      String n = sums.different(of, isList ? "unnest(" + input + ")" : input);
      sums.add(column, whole(n), n);
      return;
    } else if (!feature.aggregate().isAdditive()) {
      return;
    }
    SqlType type = facts.inputType(feature);
    String value = wholeParts(input, type);
    String sum = sums.sum(of, by, value);
    String n = sums.sum(of, by, "case when %s is not null then 1 end".formatted(input));
    long scale = scale(feature);
    switch (feature.aggregate()) {
      case SUM ->
          sums.add(
              column,
              scale == 1
                  ? whole(sum)
                  : "cast(%s as double) / %s".formatted(whole(sum), Sql.real((double) scale)),
              sum);
      case MEAN ->
          sums.add(
              column,
              "case when %1$s > 0 then cast(%2$s as double) / (cast(%3$s as double) * %4$s) end"
                  .formatted(n, whole(sum), whole(n), Sql.real((double) scale)),
              sum);
      case STDDEV -> {
        String squares = sums.sum(of, by, "cast(%1$s as hugeint) * %1$s".formatted(value));
        // sample standard deviation, over whole numbers: divided, rooted and scaled once each
        sums.add(
            column,
            "case when %1$s > 1 then sqrt(%2$s / %3$s) / %4$s end"
                .formatted(
                    n,
                    LiveShares.nearest("%s * %s - %s * %s".formatted(n, squares, sum, sum)),
                    LiveShares.nearest("%1$s * (%1$s - 1)".formatted(n)),
                    Sql.real((double) scale)),
            sum);
      }
      default -> throw new IllegalStateException("no SQL adds up " + feature.aggregate());
    }
  }

  /** What one whole unit of the feature is in state. */
  long scale(DefinedFeature feature) {
    return feature.divisor() * (facts.inputType(feature) == SqlType.DOUBLE ? PARTS_OF_ONE : 1);
  }

  private static String whole(String sum) {
    return "cast(%s as bigint)".formatted(sum);
  }

  /** A number as state holds it; halves go up. */
  private static String wholeParts(String value, SqlType type) {
    if (type != SqlType.DOUBLE) {
      return "cast(%s as bigint)".formatted(value);
    }
    String parts = "(%s * %s)".formatted(value, Sql.real((double) PARTS_OF_ONE));
    return "cast(case when %1$s - floor(%1$s) >= 0.5e0 then floor(%1$s) + 1 else floor(%1$s) end as bigint)"
        .formatted(parts);
  }

  /** Makes the table of a column that is no running sum; false where it is one. */
  private boolean find(DefinedFeature feature, String column) throws SQLException {
    String table = "live_" + column;
    String input = "v_" + feature.input();
    SqlType type = facts.inputType(feature);
    boolean real = feature.divisor() != 1 || (feature.n() != null && type.isNumber());
    String value =
        real
            ? "cast(%s as double) / %s".formatted(input, Sql.real((double) feature.divisor()))
            : input;
    String stretches = "select *, %s as value from live".formatted(value);
    switch (feature.aggregate()) {
      case LAST -> new GreatestLive(sql).find(table, stretches, "place, from_idx", feature.n());
      case MIN -> new GreatestLive(sql).find(table, stretches, "value desc", null);
      case MAX -> new GreatestLive(sql).find(table, stretches, "value", null);
      case QUANTILE -> new LiveQuantile(sql).find(table, value, feature.at());
      case TOP -> {
        LiveShares shares = new LiveShares(sql);
        shares.read(input, "1");
        new GreatestLive(sql)
            .find(table, LiveShares.FREQUENT, LiveShares.BY_FREQUENCY, feature.n());
        shares.drop();
      }
      case GINI -> {
        LiveShares shares = new LiveShares(sql);
        shares.read("v_" + feature.of(), wholeParts(input, type));
        shares.gini(table);
        shares.drop();
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /**
   * Entities at which so many different values may have counted at once that some share a place.
   */
  private Optional<String> findOverflowed(DefinedFeature feature, boolean every)
      throws SQLException {
    String key =
        feature.by() != null
            ? feature.by()
            : switch (feature.aggregate()) {
              case DISTINCT, TOP -> feature.input();
              case GINI -> feature.of();
              default -> null;
            };
    if (key == null || facts.inputType(feature) == SqlType.TEXTS) {
      return Optional.empty();
    }
    String table = "overflowed_" + feature.name();
    String kind = Sql.at(file.facts(), feature.fact()).kind();
    boolean ofFact = Sql.at(file.facts(), feature.fact()).let().get(key) == null;
    sql.run(
        "create or replace table %s as select entity_no from %s group by entity_no having count(distinct %s) > %d"
            .formatted(
                table,
                every || !ofFact
                    ? "observed_" + feature.fact()
                    : "naming n join fields_%s f using (event_no) where n.entity = '%s'"
                        .formatted(kind, file.entity()),
                every || !ofFact ? "v_" + key : "f.f_" + key,
                feature.atMost()));
    if (every && sql.number("select count(*) from " + table) > 0) {
      sql.run(
          """
          create or replace table %1$s as
          select entity_no
          from (
            select entity_no, sum(d) over (partition by entity_no order by idx) as n
            from (%2$s))
          where entity_no in (select entity_no from %1$s)
          group by entity_no having max(n) > %3$d
          """
              .formatted(table, RunningSums.different("v_" + key, "d"), feature.atMost()));
    }
    if (sql.number("select count(*) from " + table) == 0) {
      sql.run("drop table " + table);
      return Optional.empty();
    }
    return Optional.of(table);
  }
}
