package io.crewcast.local.demo;

import java.math.BigDecimal;
import java.math.MathContext;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a lake has of the predictions of the demo's model and of what became of them.
 *
 * @param table how a table of the lake is read in SQL, by its name
 */
record LakeAnswers(Connection connection, UnaryOperator<String> table) {
  private static final MathContext THREE_DIGITS = new MathContext(3);

  /** The predictions of the demo's model against the labels of its training examples. */
  LakeFigures.Quality quality() throws SQLException {
    try (Statement sql = connection.createStatement()) {
      gatherAnswers(sql);
      try (ResultSet row =
          sql.executeQuery(
              """
              select count(*), count(distinct event_id), count(label),
                     count(*) filter (outcome is not null and label is null)
              from answer
              """)) {
        row.next();
        return new LakeFigures.Quality(
            row.getLong(1),
            row.getLong(2),
            row.getLong(3),
            row.getLong(4),
            auc(sql, "true"),
            auc(sql, "lasting"));
      }
    }
  }

  /**
   * Makes the table answer, once: each prediction of the demo's model with its label, if there is
   * one.
   */
  private void gatherAnswers(Statement sql) throws SQLException {
    sql.execute(
        """
        create table if not exists answer as
        with p as (
          select distinct on (prediction_id) prediction_id, company_id, entity_id, event_id, as_of, model, model_version, role,
                 outputs['score'] as score, contributions
          from %s where model = '%s'),
        e as (select distinct on (prediction_id) prediction_id, outcome, label, labelled_at from %s)
        select p.*, e.outcome, e.label, e.labelled_at,
               date_trunc('minute', e.labelled_at) > date_trunc('minute', p.as_of) as lasting
        from p left join e using (prediction_id)
        """
            .formatted(
                table.apply("predictions"), DemoRun.MODEL, table.apply("training_examples")));
  }

  /** By ranks, ties counting half (Mann and Whitney). */
  private static @Nullable Double auc(Statement sql, String which) throws SQLException {
    try (ResultSet row =
        sql.executeQuery(
            """
            with ranked as (
              select label, rank() over (order by score) + (count(*) over (partition by score) - 1) / 2.0 as place
              from answer where label is not null and %s)
            select (sum(place) filter (label = 1) - p * (p + 1) / 2) / (p * n)
            from ranked, (select count(*) filter (label = 1)::double as p, count(*) filter (label = 0)::double as n from ranked)
            where p > 0 and n > 0 group by p, n
            """
                .formatted(which))) {
      return row.next() ? row.getDouble(1) : null;
    }
  }

  /** The likeliest overrun that a model foretold and whose end is known. */
  Optional<ToldPrediction> boldest() throws SQLException {
    try (Statement sql = connection.createStatement()) {
      gatherAnswers(sql);
      try (ResultSet row =
          sql.executeQuery(
              """
              select prediction_id, company_id, entity_id, as_of::varchar as started, model, model_version, score, label,
                     labelled_at::varchar as labelled_at
              from answer
              where role = 'CHAMPION' and outcome = 'LABELLED' and len(contributions) > 0
              order by score desc, prediction_id limit 1
              """)) {
        if (!row.next()) {
          return Optional.empty();
        }
        return Optional.of(
            new ToldPrediction(
                row.getString("company_id"),
                row.getString("entity_id"),
                row.getString("started"),
                row.getString("model"),
                row.getInt("model_version"),
                row.getDouble("score"),
                reasons(row.getString("prediction_id")),
                row.getDouble("label") == 1,
                row.getString("labelled_at"),
                work(row.getString("company_id"), row.getString("entity_id"))));
      }
    }
  }

  private List<ToldPrediction.Reason> reasons(String predictionId) throws SQLException {
    List<ToldPrediction.Reason> reasons = new ArrayList<>();
    try (PreparedStatement sql =
        connection.prepareStatement(
            """
            select c.feature as feature, c.value as value, c.text as text, c.contribution as contribution
            from (select unnest(contributions) as c from answer where prediction_id = ?)
            """)) {
      sql.setString(1, predictionId);
      try (ResultSet rows = sql.executeQuery()) {
        while (rows.next()) {
          String text = rows.getString("text");
          double number = rows.getDouble("value");
          String shown = rows.wasNull() ? text : rounded(number);
          reasons.add(
              new ToldPrediction.Reason(
                  rows.getString("feature"), shown, rows.getDouble("contribution")));
        }
      }
    }
    return reasons;
  }

  private static String rounded(double number) {
    return new BigDecimal(number).round(THREE_DIGITS).stripTrailingZeros().toPlainString();
  }

  private ToldPrediction.Work work(String companyId, String taskId) throws SQLException {
    try (PreparedStatement sql =
        connection.prepareStatement(
            """
            select logged_minutes, planned_minutes, status from %s
            where company_id = ? and task_id = ? order by sequence desc limit 1
            """
                .formatted(table.apply("task_features")))) {
      sql.setString(1, companyId);
      sql.setString(2, taskId);
      try (ResultSet row = sql.executeQuery()) {
        return row.next()
            ? new ToldPrediction.Work(row.getDouble(1), row.getDouble(2), row.getString(3))
            : new ToldPrediction.Work(0, 0, null);
      }
    }
  }
}
