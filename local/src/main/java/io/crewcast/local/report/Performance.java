package io.crewcast.local.report;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How well each version predicted, window by window.
 *
 * @param cut what is left out, null for nothing
 */
record Performance(List<Series> series, @Nullable String cut) {

  private static final int WINDOWS = 200;
  private static final NewestFigures FIGURES =
      new NewestFigures(
          LakeTable.MODEL_PERFORMANCE,
          "model, model_version, company_id, segment, variation, metric");
  private static final int POINTS = 40_000;

  /**
   * One metric of one version.
   *
   * @param length of a window in milliseconds
   */
  record Series(
      String model,
      int version,
      String company,
      String segment,
      String variation,
      String metric,
      long length,
      List<Point> points) {}

  /**
   * Its value in one window, with all that is known of it.
   *
   * @param value null where it is not defined
   * @param fallback the same of what the fallback would have answered
   */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  record Point(
      long start,
      long end,
      @Nullable Double value,
      @Nullable Double lower,
      @Nullable Double upper,
      @Nullable Double fallback,
      long predictions,
      long labelled,
      long censored,
      long late,
      long knownBefore,
      @Nullable Double maturity,
      boolean provisional) {}

  /** Reads them, and makes the table performance: of each figure the newest row. */
  static Performance of(Lake lake) throws SQLException {
    FIGURES.keep(lake, "performance", WINDOWS);
    NewestFigures.fit(
        lake,
        "performance",
        "shown_performance",
        "segment <> '*', variation <> '*', window_start desc",
        POINTS);
    List<Series> series =
        lake.rows(
            Series.class,
            """
            select model, model_version, company_id, coalesce(segment, '*'), coalesce(variation, '*'), metric, epoch_ms(any_value(window_end)) - epoch_ms(any_value(window_start)),
                   list(row(epoch_ms(window_start), epoch_ms(window_end), "value", lower, upper, fallback_value,
                            coalesce(predictions, 0), coalesce(labelled, 0), coalesce(censored, 0), coalesce(late, 0),
                            coalesce(known_before, 0), maturity, coalesce(provisional, false)) order by window_start)
            from shown_performance
            group by model, model_version, company_id, segment, variation, metric, length
            order by model, company_id <> '*', company_id, segment <> '*', segment, variation, metric, length, model_version
            """);
    return new Performance(
        series,
        FIGURES.cut(
            lake, "true", "shown_performance", "figures", WINDOWS, "companies and segments"));
  }
}
