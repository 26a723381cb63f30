package io.crewcast.local.report;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a score of 0.3 is right in 30 of 100 cases: the tenths behind a version's calibration
 * error, of its newest closed window and of all closed windows together.
 */
record Calibration(List<Curve> curves) {

  /**
   * The tenths of one version.
   *
   * @param length of a window in milliseconds
   * @param newest true for the newest closed window alone, false for all of them together
   * @param from start of the first window, milliseconds since 1970
   * @param to end of the last window
   */
  record Curve(
      String model,
      int version,
      String company,
      long length,
      boolean newest,
      long windows,
      long from,
      long to,
      List<Bin> bins) {}

  /**
   * A tenth that holds labels.
   *
   * @param from its least score
   * @param score mean of the scores in it
   * @param label mean of their labels
   * @param lower of Wilson's 95 % interval around the mean of the labels
   */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  record Bin(
      double from,
      long count,
      @Nullable Double score,
      @Nullable Double label,
      @Nullable Double lower,
      @Nullable Double upper) {}

  /** Reads them from the table performance, which {@link Performance} makes. */
  static Calibration of(Lake lake) throws SQLException {
    lake.run(
        """
        create macro wilson(p, n, side) as
          (p + 1.9208 / n + side * 1.96 * sqrt(greatest(p * (1 - p) / n + 0.9604 / (n * n), 0))) / (1 + 3.8416 / n)
        """);
    return new Calibration(
        lake.rows(
            Curve.class,
            """
            with closed as (
              select *, window_start = max(window_start) over (partition by model, model_version, company_id, length) as is_newest
              from performance
              where metric = 'ece' and coalesce(segment, '*') = '*' and coalesce(variation, '*') = '*' and not provisional and len(bins) > 0),
            -- Both from the same rows: the newest window is one of all.
            chosen as (select *, true as newest from closed where is_newest union all select *, false from closed),
            span as (
              select model, model_version, company_id, length, newest, count(*) as windows,
                     epoch_ms(min(window_start)) as since, epoch_ms(max(window_end)) as until,
                     epoch_ms(any_value(window_end)) - epoch_ms(any_value(window_start)) as millis
              from chosen group by all),
            tenth as (
              select model, model_version, company_id, length, newest, b."from" as tenth, sum(b."count")::double as n,
                     sum(b.sum_score) / sum(b."count") as score, sum(b.sum_label) / sum(b."count") as label
              from (select model, model_version, company_id, length, newest, unnest(bins) as b from chosen)
              group by all having sum(b."count") > 0)
            select model, model_version, company_id, millis, newest, windows, since, until,
                   list(row(tenth, n::bigint, score, label, wilson(label, n, -1), wilson(label, n, 1)) order by tenth)
            from tenth join span using (model, model_version, company_id, length, newest)
            group by model, model_version, company_id, length, millis, newest, windows, since, until
            order by model, company_id <> '*', company_id, length, model_version, newest desc
            """));
  }
}
