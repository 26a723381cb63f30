package io.crewcast.local.verify;

import static java.util.stream.Collectors.joining;

import io.crewcast.local.lake.Database;
import io.crewcast.local.lake.LakeFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Computes every feature of every emitted row of a lake again, in DuckDB, from the archived events
 * and the feature files, and counts those that differ.
 */
public final class FeatureVerification implements AutoCloseable {

  private static final String MEMORY = "3GB";
  private static final String EVENTS = "work_events";

  /** What Parquet calls the parts of a list, and DuckDB a whole row; Avro does so with a dot. */
  private static final Set<String> LIST_PARTS = Set.of("list", "array", "element", "duckdb_schema");

  private final Path lake;
  private final Selection selection;
  private final List<EntityFile> files;
  private final Database sql;

  /** The types of each entity's columns, in the order of the visits. */
  private final Map<String, Map<String, SqlType>> types = new LinkedHashMap<>();

  /** Why a column is not compared. */
  private final Map<String, Map<String, String>> unused = new LinkedHashMap<>();

  private FeatureVerification(Path lake, Path definitions, Selection selection) throws Exception {
    this.lake = lake;
    this.selection = selection;
    this.files = FeatureFiles.read(definitions);
    this.sql = Database.open(MEMORY);
  }

  /**
   * Compares.
   *
   * @param definitions folder that holds features/
   * @param each is told each result as soon as it is known
   * @throws IllegalArgumentException with one line where files or lake cannot be used
   */
  public static VerificationReport run(
      Path lake, Path definitions, Selection selection, Consumer<FeatureResult> each)
      throws IOException {
    return run(lake, definitions, selection, each, null, null);
  }

  /**
   * Compares with events from elsewhere.
   *
   * @param script resource that makes them; null for those of the lake
   * @param events the table that it makes, with the columns of work_events
   */
  static VerificationReport run(
      Path lake,
      Path definitions,
      Selection selection,
      Consumer<FeatureResult> each,
      @Nullable List<String> script,
      @Nullable String events)
      throws IOException {
    if (script == null) {
      requireTable(lake, EVENTS);
    }
    try (FeatureVerification verification = new FeatureVerification(lake, definitions, selection)) {
      if (script != null) {
        for (String statement : script) {
          verification.sql.run(statement);
        }
      }
      return verification.compare(
          events == null ? verification.archive() : events, events == null, each);
    } catch (SQLException e) {
      throw new IllegalStateException(
          "Cannot recompute the features of %s: %s".formatted(lake, Database.message(e)), e);
    } catch (IOException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void requireTable(Path lake, String table) {
    if (!Files.isDirectory(lake.resolve(table))) {
      throw new IllegalArgumentException(
          "%s holds no table %s: name the folder that a job was given as --lake"
              .formatted(lake, table));
    }
  }

  private static String parquet(Path lake, String table) {
    return "read_parquet(%s, union_by_name = true, hive_partitioning = false, filename = %s)"
        .formatted(files(lake, table), table.equals(EVENTS));
  }

  /** Of a table whose files all have the same columns: DuckDB then opens each of them once less. */
  private static String uniform(Path lake, String table) {
    return "read_parquet(%s, hive_partitioning = false)".formatted(files(lake, table));
  }

  private static String files(Path lake, String table) {
    return new LakeFolder(lake).files(table);
  }

  private boolean isRead(EntityFile file) {
    return files.stream().anyMatch(other -> other.reads(file.entity()));
  }

  private String archive() throws SQLException, IOException {
    Duration within = selection.publishedWithin();
    return within == null
        ? parquet(lake, EVENTS)
        : SettledEvents.of(sql, lake, parquet(lake, EVENTS), within);
  }

  private VerificationReport compare(
      String events, boolean withDeadLetters, Consumer<FeatureResult> each) throws SQLException {
    List<EntityFile> present =
        files.stream().filter(file -> Files.isDirectory(lake.resolve(file.table()))).toList();
    if (present.isEmpty()) {
      requireTable(lake, files.get(0).table());
    }
    for (EntityFile absent : files) {
      if (!present.contains(absent) && present.stream().anyMatch(f -> f.reads(absent.entity()))) {
        requireTable(lake, absent.table());
      }
    }
    Map<String, EntityRecomputation> recomputations = new LinkedHashMap<>();
    for (EntityFile file : present) {
      EntityRecomputation recomputation =
          new EntityRecomputation(
              sql, file, new LinkedHashMap<>(types), isRead(file), selection.everyRow());
      types.put(file.entity(), recomputation.types());
      recomputations.put(file.entity(), recomputation);
      load(file);
    }
    sql.run(
        "create table emitted_row as "
            + present.stream().map(this::allRows).collect(joining(" union all ")));
    boolean letters = withDeadLetters && Files.isDirectory(lake.resolve("dead_letters"));
    long newest =
        new EventHistory(sql, selection, EntityRecomputation.usedFields(present))
            .load(events, letters ? parquet(lake, "dead_letters") : null);

    List<FeatureResult> results = new ArrayList<>();
    Consumer<FeatureResult> found =
        result -> {
          results.add(result);
          each.accept(result);
        };
    for (EntityFile file : files) {
      EntityRecomputation recomputation = recomputations.get(file.entity());
      if (recomputation == null) {
        found.accept(
            FeatureResult.notCompared(file.entity(), "*", "the lake has no " + file.table()));
      } else {
        compare(file, recomputation, found);
      }
    }
    return new VerificationReport(
        lake,
        selection,
        newest == 0 ? null : Instant.EPOCH.plus(newest, ChronoUnit.MICROS),
        List.copyOf(results));
  }

  /** Of each row what tells the order of changes, also of one that is not loaded. */
  private String allRows(EntityFile file) {
    String loaded =
        "select '%1$s' as entity, company_id, id, sequence, as_of, event_id, rowid as row_no from emitted_%1$s"
            .formatted(file.entity());
    return loads(file).equals(Selection.ALL)
        ? loaded
        : """
        %s
        union all
        select '%s', company_id, %s, sequence, epoch_us(as_of), event_id, null
        from %s where not (%s)
        """
            .formatted(
                loaded,
                file.entity(),
                EntityFile.id(file.entity()),
                parquet(lake, file.table()),
                loads(file));
  }

  /** SQL for which rows are loaded: those that are compared or that others are made of. */
  private String loads(EntityFile file) {
    return isRead(file)
        ? Selection.ALL
        : selection.chooses("company_id", EntityFile.id(file.entity()));
  }

  /** Makes the table emitted_entity, and finds which columns all files of its table have. */
  private void load(EntityFile file) throws SQLException {
    Map<String, SqlType> columns = Sql.at(types, file.entity());
    Set<String> known = new LinkedHashSet<>();
    Set<String> everywhere = new LinkedHashSet<>();
    findColumns(file, known, everywhere);
    StringBuilder select = new StringBuilder();
    for (Map.Entry<String, SqlType> column : columns.entrySet()) {
      String name = column.getKey();
      String value =
          !known.contains(name)
              ? "cast(null as %s)".formatted(column.getValue().sql())
              : column.getValue() == SqlType.INSTANT ? "epoch_us(%s)".formatted(name) : name;
      select.append(", %s as %s".formatted(value, name));
    }
    sql.run(
        """
        create table emitted_%1$s as
        select company_id, %5$s as id, epoch_us(as_of) as as_of, sequence, event_id%2$s
        from %3$s where %4$s
        """
            .formatted(
                file.entity(),
                select,
                known.equals(everywhere)
                    ? uniform(lake, file.table())
                    : parquet(lake, file.table()),
                loads(file),
                EntityFile.id(file.entity())));
    unused.put(file.entity(), unused(file, columns.keySet(), known, everywhere));
  }

  /** Finds the columns that any file of a table has, and those that all have. */
  private void findColumns(EntityFile file, Set<String> known, Set<String> everywhere)
      throws SQLException {
    Map<String, Long> files =
        sql.counts(
            "select name, count(distinct file_name) from parquet_schema(%s) where not contains(name, '.') group by name"
                .formatted(files(lake, file.table())));
    long all = files.values().stream().mapToLong(n -> n).max().orElse(0);
    files.forEach(
        (name, n) -> {
          if (!LIST_PARTS.contains(name)) {
            known.add(name);
            if (n == all) {
              everywhere.add(name);
            }
          }
        });
  }

  private static Map<String, String> unused(
      EntityFile file, Set<String> defined, Set<String> known, Set<String> everywhere) {
    Map<String, String> unused = new LinkedHashMap<>();
    for (String column : defined) {
      if (!known.contains(column)) {
        unused.put(column, "no file of the lake has it");
      } else if (!everywhere.contains(column)) {
        unused.put(column, "added later");
      }
    }
    Set<String> ofRows =
        new LinkedHashSet<>(List.of("company_id", "as_of", "sequence", "event_id", "date"));
    ofRows.addAll(EntityFile.ids(file.entity()));
    for (String column : known) {
      if (!defined.contains(column) && !ofRows.contains(column) && !file.hasRetired(column)) {
        unused.put(column, "the feature files do not define it");
      }
    }
    file.derived()
        .forEach(
            (column, is) ->
                SqlExpression.names(is).stream()
                    .filter(unused::containsKey)
                    .findFirst()
                    .ifPresent(name -> unused.putIfAbsent(column, "it is made of " + name)));
    return unused;
  }

  private void compare(
      EntityFile file, EntityRecomputation recomputation, Consumer<FeatureResult> found)
      throws SQLException {
    Map<String, String> notCompared = Sql.at(unused, file.entity());
    Set<String> comparable = new LinkedHashSet<>(recomputation.types().keySet());
    comparable.removeAll(notCompared.keySet());
    Map<String, RecomputedColumn> columns = recomputation.run(comparable);
    RowComparison rows = new RowComparison(sql, file.entity());
    if (selection.everyRow()) {
      rows.order(file).forEach(found);
    }
    found.accept(rows.changes(file));
    Map<String, FeatureResult> results = rows.columns(columns, comparable);
    for (String column : recomputation.types().keySet()) {
      found.accept(
          results.containsKey(column)
              ? Sql.at(results, column)
              : FeatureResult.notCompared(
                  file.entity(),
                  column,
                  notCompared.getOrDefault(column, "it is made of what is not compared")));
    }
    notCompared.forEach(
        (column, why) -> {
          if (!recomputation.types().containsKey(column)) {
            found.accept(FeatureResult.notCompared(file.entity(), column, why));
          }
        });
    recomputation.dropTables(columns);
  }

  @Override
  public void close() throws SQLException {
    sql.close();
  }
}
