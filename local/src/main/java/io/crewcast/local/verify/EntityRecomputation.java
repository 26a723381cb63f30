package io.crewcast.local.verify;

import static java.util.stream.Collectors.joining;

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

  /** Real numbers are kept in millionths, as whole numbers. */
  private static final long PARTS_OF_ONE = 1_000_000;

  private final Database sql;
  private final EntityFile file;
  private final Map<String, Map<String, SqlType>> visited;
  private final boolean isRead;
  private final boolean everyRow;
  private final Map<String, Map<String, SqlValue>> inputs = new LinkedHashMap<>();
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
    this.visited = visited;
    this.isRead = isRead;
    this.everyRow = everyRow;
    for (ObservedFact fact : file.facts().values()) {
      inputs.put(fact.name(), inputs(fact));
    }
    for (DefinedFeature feature : file.features()) {
      for (FeatureWindow window : feature.windows()) {
        types.put(
            window.column(feature.name()),
            feature
                .aggregate()
                .type(inputType(feature), feature.divisor() != 1, feature.n() != null));
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
    observe(features);
    Map<String, RecomputedColumn> columns = recompute(features, everyRow);
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
      observe(telling);
      sql.run("create or replace table telling (entity_no bigint, idx bigint)");
      Map<String, RecomputedColumn> columns = recompute(telling, true);
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
                  ? "cast(round(%%s.%s * %d) as bigint)".formatted(column, scale(feature))
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
            : "delete from counted using extent x where x.entity_no = counted.entity_no and (until_idx <= x.last_idx or from_idx > x.last_idx)");
  }

  private static boolean hasText(String kind, String field) {
    SqlValue value = EventFields.field(kind, field);
    return value != null && value.type() == SqlType.TEXT;
  }

  /** Makes the table observed_fact of each fact that the features observe. */
  private void observe(List<DefinedFeature> features) throws SQLException {
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

  private SqlType inputType(DefinedFeature feature) {
    return feature.input().isEmpty()
        ? SqlType.LONG
        : input(Sql.at(file.facts(), feature.fact()), feature.input()).type();
  }

  private Map<String, RecomputedColumn> recompute(List<DefinedFeature> features, boolean every)
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
      boolean isList = inputType(feature) == SqlType.TEXTS;
      String n = sums.different(of, isList ? "unnest(" + input + ")" : input);
      sums.add(column, whole(n), n);
      return;
    } else if (!feature.aggregate().isAdditive()) {
      return;
    }
    SqlType type = inputType(feature);
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
      default -> {
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
    }
  }

  /** What one whole unit of the feature is in state. */
  private long scale(DefinedFeature feature) {
    return feature.divisor() * (inputType(feature) == SqlType.DOUBLE ? PARTS_OF_ONE : 1);
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
    SqlType type = inputType(feature);
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
    if (key == null || inputType(feature) == SqlType.TEXTS) {
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
