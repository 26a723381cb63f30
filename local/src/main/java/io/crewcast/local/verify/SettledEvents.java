package io.crewcast.local.verify;

import static java.util.stream.Collectors.joining;

import io.crewcast.local.lake.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Finds the events of a lake whose rows must all be there, while a job is writing it.
 *
 * <p>Each table is published by itself, so a row may be seen before its event and an event before
 * its rows. But when a checkpoint archives an event, the same checkpoint has staged every row that
 * the event made, and what is staged is published within a known time of the job's running. So an
 * event is settled once the lake has grown for that time after the file that holds it. How it is
 * counted depends on the other versions of its fact too: where one is not settled, what came less
 * than that time before is not either.
 */
final class SettledEvents {

  /** For an event whose rows must be there, whatever becomes of its fact. */
  static final int SURELY = 2;

  private static final int UNLESS_A_VERSION_IS_NOT = 1;
  private static final int NOT = 0;

  /** What one checkpoint publishes appears table by table. */
  private static final Duration ONE_AFTER_THE_OTHER = Duration.ofMinutes(5);

  private SettledEvents() {}

  /**
   * SQL for the events of a lake, with how {@code settled} they are.
   *
   * @param within how long after an event is archived its last row is published
   */
  static String of(Database sql, Path lake, String events, Duration within)
      throws SQLException, IOException {
    Map<Path, Instant> files = files(lake);
    Instant known = Instant.now().minus(ONE_AFTER_THE_OTHER);
    Instant grownUntil =
        files.values().stream()
            .filter(time -> time.isBefore(known))
            .max(Instant::compareTo)
            .orElse(Instant.MIN);
    sql.run("create table archived_file (name varchar, settled integer)");
    Path archive = lake.resolve("work_events");
    String rows =
        files.entrySet().stream()
            .filter(file -> file.getKey().startsWith(archive))
            .map(
                file ->
                    "(%s, %d)"
                        .formatted(
                            Database.text(file.getKey().toString()),
                            settled(Duration.between(file.getValue(), grownUntil), within)))
            .collect(joining(", "));
    if (!rows.isEmpty()) {
      sql.run("insert into archived_file values " + rows);
    }
    // a file that came after the list was made is not settled
    return "(select e.*, coalesce(f.settled, %d) as settled from %s e left join archived_file f on f.name = e.filename)"
        .formatted(NOT, events);
  }

  private static int settled(Duration grown, Duration within) {
    if (grown.compareTo(within) < 0) {
      return NOT;
    }
    return grown.compareTo(within.multipliedBy(2)) < 0 ? UNLESS_A_VERSION_IS_NOT : SURELY;
  }

  private static Map<Path, Instant> files(Path lake) throws IOException {
    Map<Path, Instant> files = new LinkedHashMap<>();
    try (Stream<Path> found =
        Files.find(
            lake, 3, (file, is) -> is.isRegularFile() && file.toString().endsWith(".parquet"))) {
      for (Path file : found.toList()) {
        files.put(file, Files.getLastModifiedTime(file).toInstant());
      }
    }
    return files;
  }

  /** Leaves of the table version what is settled. */
  static void keep(Database sql) throws SQLException {
    sql.run(
        """
        delete from version
        where settled = %1$d
           or settled = %2$d and (company_id, kind, fact_id) in (select (company_id, kind, fact_id) from version where settled = %1$d)
        """
            .formatted(NOT, UNLESS_A_VERSION_IS_NOT));
  }
}
