package io.crewcast.local.oracle;

import io.crewcast.local.report.FinalFeatures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Computes every feature of every emitted row again, in DuckDB, and counts those that differ in a
 * bit.
 *
 * <p>A row says which event made it the n-th change of its entity. Its features are a function of
 * those n changes and of its entity time, so the order in which a run happened to apply facts is
 * read from the rows; all else comes from the facts. A contribution counts from the row that
 * applied it to the row that took it back or, in a window, to the first row whose window begins
 * after it: since entity time never falls, that is one stretch of rows, and running sums over its
 * two ends are exact and linear in the number of rows.
 *
 * <p>Besides the features it checks, for each entity, {@code as_of}, {@code sequence}, that each
 * row's event touches the entity ({@code event_id}), and that no change is missing ({@code
 * changes}).
 */
public final class FeatureRowsOracle implements AutoCloseable {

  private static final int EXAMPLES = 3;
  private static final Pattern STATEMENT_END = Pattern.compile(";\\s*(\n|$)");

  private final Connection connection;
  private final Statement sql;

  private FeatureRowsOracle(Connection connection) throws SQLException {
    this.connection = connection;
    this.sql = connection.createStatement();
  }

  /** Compares all feature rows of a lake with the events in its table work_events. */
  public static Map<String, Comparison> compare(Path lake) {
    return compare(lake, "/io/crewcast/local/report/work_events.sql", FinalFeatures.eventsOf(lake));
  }

  /** Compares with versions of facts that a script of this package makes: the table version. */
  static Map<String, Comparison> compare(
      Path lake, String versions, Map<String, String> parameters) {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var oracle = new FeatureRowsOracle(connection)) {
      oracle.run("set memory_limit = '4GB'");
      oracle.script(versions, parameters);
      for (var entity : Formulas.ENTITIES) {
        oracle.load(lake, entity);
      }
      return oracle.compareAll();
    } catch (SQLException e) {
      throw new IllegalStateException("DuckDB refused: " + e.getMessage(), e);
    }
  }

  private void load(Path lake, String entity) throws SQLException {
    var instants =
        Formulas.instants(entity).stream()
            .map(", epoch_us(%1$s) as %1$s"::formatted)
            .collect(Collectors.joining());
    run(
        """
        create table emitted_%1$s as
        select * replace (epoch_us(as_of) as as_of%3$s)
        from read_parquet('%2$s/%1$s_features/*/*.parquet', union_by_name = true, hive_partitioning = false)
        """
            .formatted(entity, lake, instants));
  }

  private Map<String, Comparison> compareAll() throws SQLException {
    run(
        "create table emitted_row as "
            + Formulas.ENTITIES.stream()
                .map(
                    entity ->
                        "select '%1$s' as entity, company_id, %1$s_id as id, sequence, as_of, event_id, rowid as row_no from emitted_%1$s"
                            .formatted(entity))
                .collect(Collectors.joining(" union all ")));
    script("changes.sql", Map.of());
    for (var entity : List.of("project", "crew", "worker")) {
      findAppliedFirst(entity);
    }
    script("contributions.sql", Map.of());
    var comparisons = new LinkedHashMap<String, Comparison>();
    for (var entity : Formulas.ENTITIES) {
      expect(entity);
      checkOrder(entity, comparisons);
      checkFeatures(entity, comparisons);
    }
    return comparisons;
  }

  /** Makes the table expected: the timeline of an entity's rows with every feature. */
  private void expect(String entity) throws SQLException {
    run(
        "create or replace table own as select * from timeline where entity = '%s'"
            .formatted(entity));
    run(
        "create or replace table delta (entity_no bigint, key varchar, idx bigint, measure varchar, d bigint)");
    var measures = Formulas.measures(entity);
    for (var days : measures.stream().map(m -> Optional.ofNullable(m.days())).distinct().toList()) {
      window(days.orElse(null));
      for (var measure : measures) {
        if (Objects.equals(measure.days(), days.orElse(null))) {
          count(measure);
        }
      }
    }
    var joins = new StringBuilder();
    for (var by : measures.stream().map(m -> Optional.ofNullable(m.by())).distinct().toList()) {
      var table = "by_" + by.orElse("entity");
      add(
          table,
          by.orElse(null),
          measures.stream().filter(m -> Objects.equals(m.by(), by.orElse(null))).toList());
      joins.append(" left join ").append(table).append(" using (entity_no, idx)");
    }
    findNewest();
    run(
        "create or replace table expected as select own.row_no, "
            + Formulas.features(entity).entrySet().stream()
                .map(f -> f.getValue() + " as " + f.getKey())
                .collect(Collectors.joining(", "))
            + " from own left join newest using (entity_no, idx) left join subject using (entity_no, idx)"
            + LATEST.formatted(entity)
            + joins);
  }

  /** The fact that is about the entity itself: at most one version of it counts at a time. */
  private static final String LATEST =
      """
       left join (
        select t.entity_no, t.idx, c.* exclude (entity_no, entity)
        from own t
        asof join (select * from contribution where entity = '%1$s' and kind = '%1$s') c
          on c.entity_no = t.entity_no and c.from_idx <= t.idx
        where t.idx < c.until_idx
      ) latest using (entity_no, idx)
      """;

  /** Makes the table windowed: contributions with the stretch of rows in whose window they are. */
  private void window(@Nullable Integer days) throws SQLException {
    var own = "(select * from contribution semi join own using (entity_no))";
    if (days == null) {
      run("create or replace table windowed as select *, until_idx as end_idx from " + own);
      return;
    }
    run(
        """
        create or replace table windowed as
        select c.entity_no, c.kind, c.from_idx, c.occurred_at, c.minutes, c.overtime_minutes, c.worker_id, c.project_id, c.status,
               c.action, c.phase, c.component_id, c.overran, c.effort, least(c.until_idx, coalesce(f.idx, c.until_idx)) as end_idx
        from %1$s c
        asof left join (
          select entity_no, ((as_of - %2$d) // %3$d) * %3$d as lowest, min(idx) as idx from own group by all
        ) f on f.entity_no = c.entity_no and c.occurred_at < f.lowest
        """
            .formatted(own, Measure.windowMicros(days), Measure.hopMicros(days)));
    run("delete from windowed where end_idx <= from_idx");
  }

  /**
   * What the measure adds and takes away, row by row; a different value counts while anything
   * carries it.
   */
  private void count(Measure m) throws SQLException {
    var ends =
        """
        (select entity_no, %1$s as key, from_idx as idx, %2$s as value, 1 as sign from windowed where kind = '%3$s' and %4$s
         union all select entity_no, %1$s, end_idx, %2$s, -1 from windowed where kind = '%3$s' and %4$s)
        """
            .formatted(m.by() == null ? "''" : m.by(), m.value(), m.kind(), m.when());
    run(
        (m.distinct()
                ? """
                  insert into delta
                  select entity_no, key, idx, '%1$s', sum(cast(carriers > 0 as int) - cast(carriers - d > 0 as int)) from (
                    select entity_no, key, idx, d, sum(d) over (partition by entity_no, key, value order by idx) as carriers
                    from (select entity_no, key, value, idx, sum(sign) as d from %2$s group by all))
                  group by all
                  """
                : """
                  insert into delta
                  select entity_no, key, idx, '%1$s', sum(value * sign) from %2$s where key is not null group by all
                  """)
            .formatted(m.column(), ends));
  }

  /**
   * Makes a table with the running value of each measure at each row: of the row's own key, if by
   * one.
   */
  private void add(String table, @Nullable String by, List<Measure> measures) throws SQLException {
    run(
        """
        create or replace table running as
        select entity_no, key, idx, %1$s
        from (select entity_no, key, idx, %2$s from delta where measure in (%3$s) group by all)
        window so_far as (partition by entity_no, key order by idx)
        """
            .formatted(
                each(measures, "cast(sum(coalesce(%1$s, 0)) over so_far as bigint) as %1$s"),
                each(measures, "sum(d) filter (measure = '%1$s') as %1$s"),
                each(measures, "'%1$s'")));
    run(
        """
        create or replace table %1$s as
        select t.entity_no, t.idx, %2$s
        from (%3$s) t
        asof left join running r on r.entity_no = t.entity_no and r.key = t.key and r.idx <= t.idx
        """
            .formatted(
                table,
                each(measures, "coalesce(%1$s, 0) as %1$s"),
                by == null
                    ? "select entity_no, idx, '' as key from own"
                    : "select entity_no, idx, %1$s as key from own join subject using (entity_no, idx) where %1$s is not null"
                        .formatted(by)));
  }

  /**
   * When a corrected fact names an entity before and after, taking back and applying may travel by
   * different tasks or projects and arrive in either order. Which came first shows in what the
   * first of the two rows adds: where it is not what taking back would add, it was the other. That
   * may only seem so as long as the order of a correction is not found between whose rows it lies:
   * what expires in between depends on it.
   */
  private void findAppliedFirst(String entity) throws SQLException {
    do {
      script("contributions.sql", Map.of());
      expect(entity);
      findDoubtful(entity);
    } while (sql.executeUpdate(
            """
            update step set taken_back_idx = step.last_idx, applied_idx = step.first_idx
            from doubtful d
            where step.entity_no = d.entity_no and step.event_no = d.event_no and not exists (
              from doubtful o where o.entity_no = d.entity_no and o.first_idx < d.first_idx and d.first_idx < o.last_idx)
            """)
        > 0);
  }

  /** Those whose first row does not add what taking back would. */
  private void findDoubtful(String entity) throws SQLException {
    run(
        """
        create or replace table added as
        with level as (
          select own.entity_no, own.idx, %1$s as expected, %2$s as emitted
          from own join expected x using (row_no) join emitted_%3$s e on e.rowid = own.row_no)
        select entity_no, idx, expected - lag(expected, 1, 0) over by_row as expected, emitted - lag(emitted, 1, 0) over by_row as emitted
        from level
        window by_row as (partition by entity_no order by idx)
        """
            .formatted(Formulas.level(entity, "x"), Formulas.level(entity, "e"), entity));
    run(
        """
        create or replace table doubtful as
        select step.* from step
        join added a on a.entity_no = step.entity_no and a.idx = step.first_idx
        where step.taken_back_idx < step.applied_idx and a.expected <> a.emitted
        """);
  }

  private static String each(List<Measure> measures, String format) {
    return measures.stream()
        .map(m -> format.formatted(m.column()))
        .collect(Collectors.joining(", "));
  }

  /**
   * The newest entry among those that count: a running greatest, and apart from it those that were
   * taken back.
   */
  private void findNewest() throws SQLException {
    run(
        """
        create or replace table newest as
        with entry as (select * from contribution semi join own using (entity_no) where kind = 'time_entry'),
        kept as (
          select entity_no, from_idx as idx, max(max(occurred_at)) over (partition by entity_no order by from_idx) as occurred_at
          from entry where until_idx = 9000000000000 group by entity_no, from_idx),
        passing as (
          select m.entity_no, m.idx, max(e.occurred_at) as occurred_at
          from entry e join own m on m.entity_no = e.entity_no and m.idx >= e.from_idx and m.idx < e.until_idx
          where e.until_idx < 9000000000000 group by all)
        select m.entity_no, m.idx, greatest(k.occurred_at, p.occurred_at) as occurred_at
        from own m
        asof left join kept k on k.entity_no = m.entity_no and k.idx <= m.idx
        left join passing p on p.entity_no = m.entity_no and p.idx = m.idx
        """);
  }

  private void checkFeatures(String entity, Map<String, Comparison> comparisons)
      throws SQLException {
    var emitted = columns("emitted_" + entity);
    for (var feature : Formulas.features(entity).keySet()) {
      if (!emitted.contains(feature)) {
        comparisons.put(
            entity + "." + feature, new Comparison(0, 1, List.of("no such column was emitted")));
        continue;
      }
      check(
          entity + "." + feature,
          """
          select t.company_id || ':' || t.%1$s_id as id, t.sequence, t.as_of, t.event_id,
                 x.%2$s as expected, t.%2$s as emitted, x.%2$s is distinct from t.%2$s as different
          from expected x join emitted_%1$s t on t.rowid = x.row_no
          """
              .formatted(entity, feature),
          comparisons);
    }
    var known = new TreeSet<>(emitted);
    known.removeAll(Formulas.features(entity).keySet());
    known.removeAll(List.of("company_id", entity + "_id", "as_of", "sequence", "event_id", "date"));
    for (var feature : known) {
      comparisons.put(
          entity + "." + feature, new Comparison(0, 1, List.of("this column is not covered")));
    }
  }

  private void checkOrder(String entity, Map<String, Comparison> comparisons) throws SQLException {
    check(
        entity + ".as_of",
        """
        select e.company_id || ':' || e.id as id, sequence, as_of, event_id,
               case when event_id is null then greatest(as_of // 3600000000 * 3600000000, before)
                    else greatest(coalesce(before, 0), coalesce(recorded_at, as_of)) end as expected,
               as_of as emitted, expected <> emitted as different
        from (
          select *, lag(as_of) over (partition by entity_no order by idx) as before
          from timeline where entity = '%1$s'
        ) join entity e using (entity_no)
        """
            .formatted(entity),
        comparisons);
    check(
        entity + ".sequence",
        """
        select e.company_id || ':' || e.id as id, sequence, as_of, event_id,
               case when event_id is null then before else coalesce(before, 0) + 1 end as expected,
               sequence as emitted, expected <> emitted as different
        from (select *, lag(sequence) over (partition by entity_no order by idx) as before from timeline where entity = '%1$s')
        join entity e using (entity_no)
        """
            .formatted(entity),
        comparisons);
    check(
        entity + ".event_id",
        """
        select e.company_id || ':' || e.id as id, t.sequence, t.as_of, t.event_id,
               'an event that touches it' as expected, t.event_id as emitted, n.event_no is null as different
        from timeline t join entity e using (entity_no)
        left join due n on n.entity_no = t.entity_no and n.event_no = t.event_no
        where t.entity = '%1$s' and t.event_id is not null
        """
            .formatted(entity),
        comparisons);
    check(
        entity + ".changes",
        """
        select e.company_id || ':' || e.id as id, null as sequence, null as as_of, v.event_id,
               'a row' as expected, case when s.event_no is null then 'none' else 'a row' end as emitted,
               s.event_no is null as different
        from due n join entity e using (entity_no) join ranked v using (event_no)
        left join step s on s.entity_no = n.entity_no and s.event_no = n.event_no
        where e.entity = '%1$s' and n.kind in (%2$s)
        """
            .formatted(
                entity,
                Formulas.facts(entity).stream()
                    .map("'%s'"::formatted)
                    .collect(Collectors.joining(", "))),
        comparisons);
  }

  private void check(String name, String rows, Map<String, Comparison> comparisons)
      throws SQLException {
    long compared;
    long different;
    try (var result = query("select count(*), count(*) filter (different) from (" + rows + ")")) {
      result.next();
      compared = result.getLong(1);
      different = result.getLong(2);
    }
    var examples = new ArrayList<String>();
    if (different > 0) {
      try (var result =
          query(
              "select * from ("
                  + rows
                  + ") where different order by sequence, as_of, id limit "
                  + EXAMPLES)) {
        while (result.next()) {
          examples.add(
              "%s, sequence %s, as of %s, event %s: expected %s, emitted %s"
                  .formatted(
                      result.getString("id"),
                      result.getString("sequence"),
                      result.getString("as_of"),
                      result.getString("event_id"),
                      result.getString("expected"),
                      result.getString("emitted")));
        }
      }
    }
    comparisons.put(name, new Comparison(compared, different, examples));
  }

  private Set<String> columns(String table) throws SQLException {
    var columns = new TreeSet<String>();
    try (var result = query("select column_name from (describe " + table + ")")) {
      while (result.next()) {
        columns.add(result.getString(1));
      }
    }
    return columns;
  }

  private void script(String resource, Map<String, String> parameters) throws SQLException {
    String text;
    try (InputStream in =
        Objects.requireNonNull(FeatureRowsOracle.class.getResourceAsStream(resource), resource)) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("Cannot read " + resource, e);
    }
    for (var parameter : parameters.entrySet()) {
      text = text.replace("{" + parameter.getKey() + "}", parameter.getValue());
    }
    for (var statement : STATEMENT_END.split(text, 0)) {
      run(statement);
    }
  }

  private void run(String statement) throws SQLException {
    sql.execute(statement);
  }

  private ResultSet query(String statement) throws SQLException {
    return sql.executeQuery(statement);
  }

  @Override
  public void close() throws SQLException {
    sql.close();
    connection.close();
  }
}
