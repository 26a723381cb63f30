package io.crewcast.local.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The mapping of CESAW against the raw files, to the minute. Skipped where the data is not there.
 */
class CesawImportIT {
  private static final Path DATA = Path.of("../../shared/data/cesaw");
  @TempDir static Path folder;
  private static ImportAccount account;
  private static List<WorkEvent> events;

  @BeforeAll
  static void importsOnce() throws IOException {
    assumeTrue(Files.isDirectory(DATA), "no CESAW data at " + DATA.toAbsolutePath().normalize());
    Mapping mapping = Mapping.read(Mapping.find("cesaw", Path.of("../flink-conf")), DATA);
    account =
        CsvImport.run(
            mapping, folder.resolve("events.avro"), folder.resolve("rejects.jsonl"), () -> {});
    events = EventFile.readAll(folder.resolve("events.avro"));
  }

  @Test
  void readsEveryRow() throws IOException {
    assertThat(folder.resolve("rejects.jsonl")).isEmptyFile();
    assertThat(account.addsUp()).isTrue();
    assertThat(account.clamped()).isEqualTo(1);
    assertThat(account.eventsOut())
        .isEqualTo(
            Map.of(
                "time_entry",
                203_621L,
                "task",
                122_207L,
                "defect",
                35_367L,
                "project",
                45L,
                "crew_membership",
                249L));
  }

  @Test
  void losesNoMinuteOfAnyTask() throws SQLException {
    Map<String, Long> logged = new HashMap<>();
    for (WorkEvent event : events) {
      if (event.getPayload() instanceof TimeEntry entry) {
        logged.merge(entry.getTaskId(), entry.getMinutes(), Long::sum);
      }
    }
    Set<String> different = new HashSet<>();
    int tasks = 0;
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        ResultSet rows =
            duckdb
                .createStatement()
                .executeQuery(
                    """
                    WITH entries AS (
                      SELECT DISTINCT project_key, person_key, plan_item_key
                      FROM read_csv('%1$s/CESAW_time_fact.csv.gz', all_varchar = true, header = true))
                    SELECT concat_ws('-', project_key, person_key, plan_item_key) AS task,
                           task_actual_time_minutes::BIGINT AS minutes
                    FROM read_csv('%1$s/CESAW_task_fact.csv.gz', all_varchar = true, header = true)
                    JOIN entries USING (project_key, person_key, plan_item_key)
                    """
                        .formatted(DATA))) {
      while (rows.next()) {
        tasks++;
        if (logged.getOrDefault(rows.getString("task"), 0L) != rows.getLong("minutes")) {
          different.add(rows.getString("task"));
        }
      }
    }

    assertThat(tasks).isEqualTo(61_388);
    assertThat(different)
        .as("the one row that differs in the source")
        .containsExactly("95-285-86080");
  }

  @Test
  void sortsEventsAsTheyBecameKnown() {
    assertThat(events).isSortedAccordingTo(EventFile.ORDER);
  }
}
