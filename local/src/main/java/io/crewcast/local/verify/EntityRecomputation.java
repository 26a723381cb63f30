package io.crewcast.local.verify;

import static java.util.stream.Collectors.joining;

import io.crewcast.local.lake.Database;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The features of one kind of entity in SQL, made from its file.
 *
 * <p>A row says which event made it the n-th change of its entity. Its features are a function of
 * those n changes and of its entity time, so the order in which a run happened to apply facts is
 * read from the rows; all else comes from the facts.
 *
 * <p>It works with these tables: {@code own}, the rows; {@code observed_<fact>}, the contributions
 * of a fact with the rows from which and until which they count; {@code live}, the same in one
 * window.
 */
final class EntityRecomputation {

  private final Database sql;
  private final EntityFile file;
  private final ObservedFacts facts;
  private final LiveColumns live;
  private final boolean isRead;
  private final boolean everyRow;
  private final Map<String, SqlType> types = new LinkedHashMap<>();

  /**
   * @param visited the columns of the entities that a fact visits before, by entity
   * @param isRead whether rows of other kinds of entity are made of these: then more of them must
   *     be understood than are chosen
   * @param everyRow false for each entity's last row only
   */
  EntityRecomputation(
      Database sql,
      EntityFile file,
      Map<String, Map<String, SqlType>> visited,
      boolean isRead,
      boolean everyRow) {
    this.sql = sql;
    this.file = file;
    this.facts = new ObservedFacts(sql, file, visited);
    this.live = new LiveColumns(sql, file, facts, types);
    this.isRead = isRead;
    this.everyRow = everyRow;
    for (DefinedFeature feature : file.features()) {
      for (FeatureWindow window : feature.windows()) {
        types.put(
            window.column(feature.name()),
            feature
                .aggregate()
                .type(facts.inputType(feature), feature.divisor() != 1, feature.n() != null));
      }
    }
    file.derived()
        .forEach(
            (column, is) ->
                types.put(
                    column,
                    SqlExpression.translate(
                            is,
                            name ->
                                Optional.ofNullable(types.get(name))
                                    .map(type -> new SqlValue(name, type)))
                        .type()));
  }

  /** The fields of facts that the files' features are made of, by kind of fact. */
  static Map<String, Set<String>> usedFields(List<EntityFile> files) {
    Map<String, Set<String>> used = new LinkedHashMap<>();
    for (EntityFile file : files) {
      for (ObservedFact fact : file.facts().values()) {
        Set<String> fields = used.computeIfAbsent(fact.kind(), kind -> new LinkedHashSet<>());
        Stream.concat(Stream.ofNullable(fact.condition()), fact.let().values().stream())
            .forEach(expression -> fields.addAll(SqlExpression.names(expression)));
        file.features().stream()
            .filter(feature -> feature.fact().equals(fact.name()))
            .forEach(
                feature ->
                    Stream.of(feature.input(), feature.of())
                        .filter(f -> f != null && !f.isEmpty())
                        .forEach(fields::add));
      }
      for (DefinedFeature feature : file.features()) {
        if (feature.by() != null) {
          EventFields.KINDS.forEach(
              kind -> used.computeIfAbsent(kind, k -> new LinkedHashSet<>()).add(feature.by()));
        }
      }
    }
    return used;
  }

  /** The columns that the file defines, in order, and their types. */
  Map<String, SqlType> types() {
    return types;
  }

  /**
   * Recomputes the columns that can be compared.
   *
   * @param comparable columns that every file of the lake has
   */
  Map<String, RecomputedColumn> run(Set<String> comparable) throws SQLException {
    settleOrder(comparable);
    takeRows(
        "t.entity_no in (select entity_no from entity where chosen)"
            + (everyRow ? "" : " and t.idx = x.last_idx"),
        everyRow);
    List<DefinedFeature> features =
        file.features().stream()
            .filter(
                f -> f.windows().stream().anyMatch(w -> comparable.contains(w.column(f.name()))))
            .toList();
    facts.observe(features);
    Map<String, RecomputedColumn> columns = live.recompute(features, everyRow);
    derive(columns);
    return columns;
  }

  /**
   * When a corrected fact names an entity before and after, taking back and applying may travel by
   * different tasks or projects and arrive in either order. Which came first shows in what the
   * first of the two rows adds: where it is not what taking back would add, it was the other. That
   * may only seem so as long as the order of a correction is not found between whose rows it lies:
   * what expires in between depends on it.
   */
  private void settleOrder(Set<String> comparable) throws SQLException {
    sql.run(
        """
        create or replace table unsettled as
        select distinct s.entity_no
        from step s join entity e using (entity_no) join extent x using (entity_no)
        where e.entity = '%s' and (%s or e.chosen) and s.first_idx < s.last_idx and (%s or s.last_idx = x.last_idx)
        """
            .formatted(file.entity(), isRead, everyRow));
    List<DefinedFeature> telling =
        file.features().stream()
            .filter(f -> f.by() == null && isWhole(f))
            .filter(
                f -> f.windows().stream().allMatch(w -> comparable.contains(w.column(f.name()))))
            .toList();
    if (telling.isEmpty() || sql.number("select count(*) from unsettled") == 0) {
      return;
    }
    do {
      takeRows("t.entity_no in (select entity_no from unsettled)", true);
      facts.observe(telling);
      sql.run("create or replace table telling (entity_no bigint, idx bigint)");
      Map<String, RecomputedColumn> columns = live.recompute(telling, true);
      for (String table : tables(columns)) {
        tell(table, telling, columns);
      }
      drop(columns);
    } while (sql.update(
            """
            update step set taken_back_idx = step.last_idx, applied_idx = step.first_idx
            from (
              select s.* from step s semi join telling t on t.entity_no = s.entity_no and t.idx = s.first_idx
              where s.taken_back_idx < s.applied_idx) d
            where step.entity_no = d.entity_no and step.event_no = d.event_no and not exists (
              from step o semi join telling t on t.entity_no = o.entity_no and t.idx = o.first_idx
              where o.taken_back_idx < o.applied_idx and o.entity_no = d.entity_no and o.first_idx < d.first_idx and d.first_idx < o.last_idx)
            """)
        > 0);
    sql.run("drop table telling");
  }

  private static boolean isWhole(DefinedFeature feature) {
    return feature.aggregate() == Aggregate.COUNT
        || feature.aggregate() == Aggregate.SUM
        || feature.aggregate() == Aggregate.DISTINCT;
  }

  /** Finds the rows that do not add what they should. */
  private void tell(
      String table, List<DefinedFeature> telling, Map<String, RecomputedColumn> columns)
      throws SQLException {
    List<String> strange = new ArrayList<>();
    for (DefinedFeature feature : telling) {
      for (FeatureWindow window : feature.windows()) {
        String column = window.column(feature.name());
        if (Sql.at(columns, column).table().equals(table)) {
          String whole =
              feature.aggregate() == Aggregate.SUM
                  ? "cast(round(%%s.%s * %d) as bigint)".formatted(column, live.scale(feature))
                  : "%%s.%s".formatted(column);
          strange.add(
              "%1$s - coalesce(lag(%1$s) over by_row, 0) <> %2$s - coalesce(lag(%2$s) over by_row, 0)"
                  .formatted(whole.formatted("x"), whole.formatted("e")));
        }
      }
    }
    sql.run(
        """
        insert into telling select entity_no, idx from (
          select own.entity_no, own.idx, %s as strange
          from own join %s x using (row_no) join emitted_%s e on e.rowid = own.row_no
          window by_row as (partition by own.entity_no order by own.idx))
        where strange
        """
            .formatted(String.join(" or ", strange), table, file.entity()));
  }

  /** Makes own, counted and the subjects: the rows at hand, and what counted at their entities. */
  private void takeRows(String which, boolean every) throws SQLException {
    sql.run(
        """
        create or replace table own as
        select t.entity_no, t.idx, t.row_no, t.as_of
        from timeline t join extent x using (entity_no)
        where t.entity = '%s' and t.idx <= x.last_idx and %s
        """
            .formatted(file.entity(), which));
    sql.run(
        """
        create or replace table counted as
        select n.entity_no, s.applied_by, s.event_no, s.kind, s.occurred_at, s.place,
               a.applied_idx as from_idx, coalesce(b.taken_back_idx, x.last_idx + 1) as until_idx
        from standing s
        join naming n using (event_no)
        join extent x on x.entity_no = n.entity_no
        join step a on a.entity_no = n.entity_no and a.event_no = s.applied_by
        left join step b on b.entity_no = n.entity_no and b.event_no = s.ended_by
        where n.entity = '%s' and n.entity_no in (select entity_no from own)
        """
            .formatted(file.entity()));
    // the version that a row is about: the one that its change applied, else the one taken back
    sql.run(
        """
        create or replace table subject as
        select entity_no, idx, kind, event_no
        from (
          select *, row_number() over (partition by entity_no, idx order by taken_back) as nth
          from (
            select entity_no, from_idx as idx, kind, event_no, false as taken_back from counted
            union all select entity_no, until_idx, kind, event_no, true from counted)
          semi join own using (entity_no, idx))
        where nth = 1
        """);
    for (String by :
        file.features().stream()
            .map(DefinedFeature::by)
            .filter(b -> b != null)
            .distinct()
            .toList()) {
      sql.run(
          "create or replace table subject_%s as %s"
              .formatted(
                  by,
                  EventFields.KINDS.stream()
                      .filter(kind -> hasText(kind, by))
                      .map(
                          kind ->
                              "select s.entity_no, s.idx, f.f_%2$s as key from subject s join fields_%1$s f using (event_no) where f.f_%2$s is not null"
                                  .formatted(kind, by))
                      .collect(joining(" union all "))));
    }
    sql.run("drop table subject");
    sql.run(
        every
            ? "delete from counted where until_idx <= from_idx"
            : "delete from counted using extent x where x.entity_no = counted.entity_no and"
                + " (until_idx <= x.last_idx or from_idx > x.last_idx)");
  }

  private static boolean hasText(String kind, String field) {
    SqlValue value = EventFields.field(kind, field);
    return value != null && value.type() == SqlType.TEXT;
  }

  /** Derived columns are computed from those that were recomputed; from an emitted quantile. */
  private void derive(Map<String, RecomputedColumn> columns) throws SQLException {
    for (Map.Entry<String, String> line : file.derived().entrySet()) {
      Set<String> names = SqlExpression.names(line.getValue());
      if (!columns.keySet().containsAll(names)) {
        continue;
      }
      Set<String> overflowed = new LinkedHashSet<>();
      names.forEach(name -> overflowed.addAll(Sql.at(columns, name).overflowed()));
      SqlValue is =
          SqlExpression.translate(
              line.getValue(),
              name -> {
                RecomputedColumn column = Sql.at(columns, name);
                return Optional.of(
                    new SqlValue(
                        column.approximate()
                            ? "e." + name
                            : "%s.%s".formatted(column.table(), column.value()),
                        column.type()));
              });
      String table = "live_" + line.getKey();
      sql.run(
          "create or replace table %s as select own.row_no, %s as value from own join emitted_%s e on e.rowid = own.row_no %s"
              .formatted(
                  table,
                  is.sql(),
                  file.entity(),
                  names.stream()
                      .map(name -> Sql.at(columns, name).table())
                      .distinct()
                      .map(t -> "join %s using (row_no)".formatted(t))
                      .collect(joining(" "))));
      columns.put(
          line.getKey(), new RecomputedColumn(table, "value", is.type(), false, overflowed));
    }
  }

  private static Set<String> tables(Map<String, RecomputedColumn> columns) {
    Set<String> tables = new LinkedHashSet<>();
    columns.values().forEach(column -> tables.add(column.table()));
    return tables;
  }

  private void drop(Map<String, RecomputedColumn> columns) throws SQLException {
    for (String table : tables(columns)) {
      sql.run("drop table if exists " + table);
    }
  }

  /** Drops what only this entity's recomputation needs. */
  void dropTables(Map<String, RecomputedColumn> columns) throws SQLException {
    drop(columns);
    for (ObservedFact fact : file.facts().values()) {
      sql.run("drop table if exists observed_" + fact.name());
    }
    for (RecomputedColumn column : columns.values()) {
      for (String overflowed : column.overflowed()) {
        sql.run("drop table if exists " + overflowed);
      }
    }
  }
}
