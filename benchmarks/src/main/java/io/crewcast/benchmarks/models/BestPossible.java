package io.crewcast.benchmarks.models;

import io.crewcast.local.simulation.KnownCauses;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** How well one could tell labels apart who knows the causes that the simulation put there. */
final class BestPossible implements AutoCloseable {

  /** By model, the cause that alone decides how likely its label is. */
  private static final Map<String, String> CAUSES =
      Map.of("task_overrun", "effort", "defect_risk", "defect");

  private final Path lake;
  private final Connection connection;

  BestPossible(Path lake, List<KnownCauses> causes) throws SQLException {
    this.lake = lake;
    this.connection = DriverManager.getConnection("jdbc:duckdb:");
    try (var sql = connection.createStatement()) {
      sql.execute(
          "create table cause (company_id text, entity_id text, effort double, defect double)");
    }
    try (PreparedStatement row =
        connection.prepareStatement("insert into cause values (?, ?, ?, ?)")) {
      for (KnownCauses known : causes) {
        row.setString(1, known.companyId());
        row.setString(2, known.taskId());
        row.setDouble(3, known.effort());
        row.setDouble(4, known.defect());
        row.addBatch();
      }
      row.executeBatch();
    }
  }

  /**
   * The area under the curve over the labels of a model, by ranks, ties counting half (Mann and
   * Whitney); empty where no cause is known that decides alone.
   *
   * @param from of triggers at or after it
   */
  OptionalDouble auc(String model, Instant from) {
    String cause = CAUSES.get(model);
    if (cause == null) {
      return OptionalDouble.empty();
    }
    try (PreparedStatement query =
        connection.prepareStatement(
            """
            with ranked as (
              select label, rank() over (order by %1$s) + (count(*) over (partition by %1$s) - 1) / 2.0 as place
              from (select distinct on (prediction_id) * from read_parquet('%2$s/training_examples/*/*.parquet'))
              join cause using (company_id, entity_id)
              where model = ? and outcome = 'LABELLED' and as_of >= ?),
            counted as (select count(*) filter (label = 1)::double as p, count(*) filter (label = 0)::double as n from ranked)
            select (sum(place) filter (label = 1) - any_value(p) * (any_value(p) + 1) / 2) / any_value(p * n)
            from ranked, counted where p > 0 and n > 0
            """
                .formatted(cause, lake))) {
      query.setString(1, model);
      query.setTimestamp(2, Timestamp.from(from));
      try (ResultSet row = query.executeQuery()) {
        return row.next() && row.getObject(1) != null
            ? OptionalDouble.of(row.getDouble(1))
            : OptionalDouble.empty();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("training_examples of " + lake + " cannot be read", e);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
