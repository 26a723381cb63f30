package io.crewcast.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakeFiguresTest {
  @TempDir private Path lake;

  @Test
  void countsTiesHalfInTheAucAndLeavesOpenLabelsAndOtherModelsOut() throws Exception {
    table(
        "predictions",
        """
        select 'p' || i as prediction_id, 'acme' as company_id, 'task-' || i as entity_id, 'e' || i as event_id,
               timestamp '2024-01-01' as as_of, if(i = 6, 'defect_risk', 'task_overrun') as model, 1 as model_version, 'CHAMPION' as role, map {'score': score} as outputs,
               [{'feature': 'f', 'value': 1.0, 'text': cast(null as varchar), 'contribution': 0.5}] as contributions
        from (values (1, 0.9), (2, 0.5), (3, 0.5), (4, 0.1), (5, 0.7), (6, 0.8)) t(i, score)
        """);
    table(
        "training_examples",
        """
        select 'p' || i as prediction_id, if(i = 6, 'defect_risk', 'task_overrun') as model, outcome, label, timestamp '2024-01-01' + to_days(days) as labelled_at
        from (values (1, 'LABELLED', 1.0, 0), (2, 'LABELLED', 1.0, 1), (3, 'LABELLED', 0.0, 1), (4, 'CENSORED', null, null), (6, 'LABELLED', 0.0, 1)) t(i, outcome, label, days)
        """);
    try (LakeFigures figures = new LakeFigures(lake)) {
      assertThat(figures.quality())
          .isEqualTo(new LakeFigures.Quality(5, 5, 3, 1, 0.75, 0.5))
          .extracting(LakeFigures.Quality::provisional)
          .isEqualTo(1L);
      assertThat(figures.examplesByOutcome())
          .containsExactly(
              Map.entry("defect_risk LABELLED", 1L),
              Map.entry("task_overrun CENSORED", 1L),
              Map.entry("task_overrun LABELLED", 3L));
    }
  }

  @Test
  void measuresLatencyFromTheFirstAppendOfAnEvent() throws Exception {
    table(
        "work_events",
        """
        select event_id, epoch_ms(millis) as appended_at
        from (values ('early', 500), ('a', 1000), ('a', 1040), ('b', 2000), ('silent', 2500)) t(event_id, millis)
        """);
    try (LakeFigures figures = new LakeFigures(lake)) {
      Map<String, Instant> answeredAt =
          Map.of(
              "early", Instant.ofEpochMilli(900),
              "a", Instant.ofEpochMilli(1050),
              "b", Instant.ofEpochMilli(2030));
      assertThat(figures.latency(answeredAt, Instant.ofEpochMilli(1000)))
          .hasValueSatisfying(
              latency -> {
                assertThat(latency.predictions()).isEqualTo(2);
                assertThat(latency.p50()).isEqualTo(40);
              });
      assertThat(figures.latency(answeredAt, Instant.ofEpochMilli(3000))).isEmpty();
    }
  }

  private void table(String name, String rows) throws Exception {
    Path day = Files.createDirectories(lake.resolve(name).resolve("date=2024-01-01"));
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var sql = connection.createStatement()) {
      sql.execute("copy (%s) to '%s/part.parquet'".formatted(rows, day));
    }
  }
}
