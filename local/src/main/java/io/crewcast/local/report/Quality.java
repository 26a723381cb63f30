package io.crewcast.local.report;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the data is what it should be: measures of the inputs and of the stream, and the records
 * that could not be used.
 *
 * @param cut what is left out, null for nothing
 */
record Quality(
    List<Measure> measures, List<Letters> letters, long lettersInAll, @Nullable String cut) {

  private static final String MEASURES =
      "\"method\" not in %s and \"method\" <> '%s'".formatted(Drift.METHODS, Drift.SHARE);
  private static final int POINTS = 20_000;
  private static final int DAYS = 60;

  /**
   * A measure of an input, or of the stream where the model is {@code *}.
   *
   * @param length of a window in milliseconds
   */
  record Measure(
      String model,
      int version,
      String company,
      String feature,
      String method,
      String reference,
      long length,
      List<Point> points) {}

  /**
   * In one window.
   *
   * @param over whether it is past its threshold
   */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  record Point(
      long start,
      long end,
      @Nullable Double value,
      @Nullable Double threshold,
      boolean over,
      boolean insufficient) {}

  /** Dead letters of a company ({@code *} for all) and one reason, by day. */
  record Letters(String company, String reason, long total, List<Day> days) {}

  /** On one day. */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  record Day(long start, long letters) {}

  /** Reads them from the table drift, which {@link Drift} makes, and from the dead letters. */
  static Quality of(Lake lake) throws SQLException {
    lake.run(
        """
        create table measured as
        from drift where %s
        """
            .formatted(MEASURES));
    NewestFigures.fit(lake, "measured", "shown_measured", "window_start desc, feature", POINTS);
    List<Measure> measures =
        lake.rows(
            Measure.class,
            """
            select model, model_version, company_id, feature, "method", reference,
                   epoch_ms(any_value(window_end)) - epoch_ms(any_value(window_start)),
                   list(row(epoch_ms(window_start), epoch_ms(window_end), drift_score, threshold, coalesce(drifted, false),
                            coalesce(insufficient, false)) order by window_start)
            from shown_measured group by model, model_version, company_id, feature, "method", reference, length
            order by model, company_id <> '*', company_id, model_version, "method", feature, reference desc, length
            """);
    return new Quality(
        measures,
        letters(lake),
        lake.number("select count(*) from dead_letters"),
        Drift.STATISTICS.cut(
            lake, MEASURES, "shown_measured", "measurements", Drift.WINDOWS, "companies"));
  }

  private static List<Letters> letters(Lake lake) throws SQLException {
    return lake.rows(
        Letters.class,
        """
        with letter as (
          select coalesce(company_id, '') as company_id, reason, date_trunc('day', appended_at) as day, count(*) as n
          from dead_letters group by all),
        newest as (select distinct day from letter order by day desc limit %d),
        summed as (
          select coalesce(company_id, '*') as company, reason, day, sum(n) as n from letter semi join newest using (day)
          group by grouping sets ((reason, day), (company_id, reason, day)))
        select company, reason, sum(n), list(row(epoch_ms(day), n) order by day)
        from summed where company = '*' or company in (from shown_company)
        group by company, reason order by company, sum(n) desc, reason
        """
            .formatted(DAYS));
  }
}
