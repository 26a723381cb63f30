package io.crewcast.local.demo;

import io.crewcast.schemas.Instants;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** Figures over a lake, by SQL in DuckDB. */
public final class LakeFigures implements AutoCloseable {
  private final Path lake;
  private final Connection connection;

  public LakeFigures(Path lake) {
    this.lake = lake;
    try {
      this.connection = DriverManager.getConnection("jdbc:duckdb:");
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /**
   * How good the predictions were.
   *
   * @param predictions all, once each
   * @param scored events that led to one
   * @param labelled those whose label is known
   * @param closed those whose label will not be known: censored, withdrawn, known before
   * @param auc of the labelled; null where labels of one kind only are known
   * @param aucLasting the same without what was settled in the minute of its prediction
   */
  record Quality(
      long predictions,
      long scored,
      long labelled,
      long closed,
      @Nullable Double auc,
      @Nullable Double aucLasting) {
    long provisional() {
      return predictions - labelled - closed;
    }

    String inWords() {
      return "%,d, AUC %s (%s without those settled in the minute of their start) on %,d whose label is known; %,d provisional, %,d closed without a label"
          .formatted(predictions, shown(auc), shown(aucLasting), labelled, provisional(), closed);
    }

    private static String shown(@Nullable Double auc) {
      return auc == null ? "unknown" : "%.3f".formatted(auc);
    }
  }

  /**
   * Percentiles of latency in milliseconds.
   *
   * @param predictions how many were measured
   */
  record Latency(long predictions, double p50, double p95, double p99) {
    String inWords() {
      return "p50 %.0f ms, p95 %.0f ms, p99 %.0f ms from event to prediction, in Kafka's time, over %,d"
          .formatted(p50, p95, p99, predictions);
    }
  }

  /** How many rows the lake's {@code work_events} has; 0 where there is no such table. */
  public long events() {
    return rows("work_events", "true");
  }

  private long rows(String name, String condition) {
    if (!lake.resolve(name).toFile().isDirectory()) {
      return 0;
    }
    try (Statement sql = connection.createStatement();
        ResultSet row =
            sql.executeQuery("select count(*) from " + table(name) + " where " + condition)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /** What models and experiments were alerted of, oldest first. */
  List<ToldAlert> alerts() {
    List<ToldAlert> alerts = new ArrayList<>();
    if (!lake.resolve("alerts").toFile().isDirectory()) {
      return alerts;
    }
    try (Statement sql = connection.createStatement();
        ResultSet row =
            sql.executeQuery(
                """
                select epoch_us(as_of), message from %s
                where not resolved and (subject like 'model.%%' or subject like 'experiment.%%')
                order by as_of, message
                """
                    .formatted(table("alerts")))) {
      while (row.next()) {
        alerts.add(new ToldAlert(Instants.ofMicros(row.getLong(1)), row.getString(2)));
      }
      return alerts;
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /** What was told of models while they served, in words. */
  String monitored() {
    return "%,d comparisons of inputs with training and the week before, %,d of them drifted; %,d figures of performance; %,d alerts"
        .formatted(
            rows("drift_statistics", "method = 'psi' and not insufficient"),
            rows("drift_statistics", "method = 'psi' and drifted"),
            rows("model_performance", "true"),
            rows("alerts", "not resolved and subject like 'model.%'"));
  }

  /** Rows of training_examples by outcome; empty where there is no such table. */
  public Map<String, Long> examplesByOutcome() {
    Map<String, Long> counts = new LinkedHashMap<>();
    if (!lake.resolve("training_examples").toFile().isDirectory()) {
      return counts;
    }
    try (Statement sql = connection.createStatement();
        ResultSet rows =
            sql.executeQuery(
                "select model || ' ' || outcome, count(*) from "
                    + table("training_examples")
                    + " group by all order by all")) {
      while (rows.next()) {
        counts.put(rows.getString(1), rows.getLong(2));
      }
      return counts;
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /** The predictions of the demo's model against the labels of its training examples. */
  Quality quality() {
    try {
      return new LakeAnswers(connection, this::table).quality();
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /**
   * From the append of an event to the append of its prediction.
   *
   * @param answeredAt by event, when its prediction was appended
   * @param from first append of an event that counts
   */
  Optional<Latency> latency(Map<String, Instant> answeredAt, Instant from) {
    try (Statement sql = connection.createStatement()) {
      sql.execute("create or replace table answered (event_id varchar, answered_at bigint)");
      try (var rows =
          connection.unwrap(DuckDBConnection.class).createAppender("main", "answered")) {
        for (Map.Entry<String, Instant> answer : answeredAt.entrySet()) {
          rows.beginRow();
          rows.append(answer.getKey());
          rows.append(answer.getValue().toEpochMilli());
          rows.endRow();
        }
      }
      // An event that was sent twice counts from the first time, which is what was scored.
      try (ResultSet row =
          sql.executeQuery(
              """
              select count(*), quantile_cont(millis, 0.5), quantile_cont(millis, 0.95), quantile_cont(millis, 0.99)
              from (
                select a.answered_at - min(epoch_ms(e.appended_at)) as millis
                from answered a join %s e using (event_id)
                group by a.event_id, a.answered_at having min(epoch_ms(e.appended_at)) >= %d)
              """
                  .formatted(table("work_events"), from.toEpochMilli()))) {
        row.next();
        return row.getLong(1) == 0
            ? Optional.empty()
            : Optional.of(
                new Latency(row.getLong(1), row.getDouble(2), row.getDouble(3), row.getDouble(4)));
      }
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /** The likeliest overrun that a model foretold and whose end is known. */
  Optional<ToldPrediction> boldest() {
    try {
      return new LakeAnswers(connection, this::table).boldest();
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /** Company and id of the worker with the most hours. */
  List<String> worker() {
    try (Statement sql = connection.createStatement();
        ResultSet row =
            sql.executeQuery(
                "select company_id, worker_id from %s order by hours_30d desc, worker_id limit 1"
                    .formatted(table("worker_features")))) {
      row.next();
      return List.of(row.getString(1), row.getString(2));
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  private String table(String name) {
    return "read_parquet('%s/%s/*/*.parquet', hive_partitioning = false)".formatted(lake, name);
  }

  private IllegalStateException unreadable(SQLException e) {
    return new IllegalStateException(
        "Cannot read the lake %s: %s".formatted(lake, e.getMessage()), e);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }
}
