package io.crewcast.local.report;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How inputs, scores and labels differ from their references, window by window.
 *
 * @param grids by model, version, company, reference and length of the windows
 * @param shares of the drifted inputs
 * @param references the cells and what was expected in them; cells name theirs by its place
 * @param cut what is left out, null for nothing
 */
record Drift(
    List<Grid> grids, List<Shares> shares, List<Expected> references, @Nullable String cut) {

  /** What measures drift; every other method measures the quality of data. */
  static final String METHODS =
      "('psi', 'jensen_shannon_distance', 'chi_square', 'ks', 'wasserstein')";

  static final String SHARE = "drifted_share";

  private static final NewestFigures INPUTS =
      new NewestFigures(
          LakeTable.DRIFT_STATISTICS, "model, model_version, company_id, feature, reference");

  /** All that was measured of them, drift and quality. */
  static final NewestFigures STATISTICS =
      new NewestFigures(LakeTable.DRIFT_STATISTICS, INPUTS.figure() + ", \"method\"");

  static final int WINDOWS = 90;
  private static final int CELLS = 12_000;

  /**
   * Inputs by windows.
   *
   * @param length of a window in milliseconds
   */
  record Grid(
      String model, int version, String company, String reference, long length, List<Cell> cells) {}

  /**
   * An input in a window.
   *
   * @param entities distinct ones in the window
   * @param current counts in the cells of its reference
   * @param expected place of that reference; null where the row does not say
   */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  record Cell(
      String feature,
      long start,
      long end,
      long entities,
      List<Statistic> statistics,
      List<Long> current,
      @Nullable Integer expected) {}

  /** One statistic of it, with what it is held to. */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  record Statistic(
      String method,
      @Nullable Double score,
      @Nullable Double lower,
      @Nullable Double upper,
      @Nullable Double nullQuantile,
      @Nullable Double threshold,
      @Nullable Double p,
      boolean drifted,
      boolean insufficient) {}

  /** The share of drifted inputs by window. */
  record Shares(
      String model,
      int version,
      String company,
      String reference,
      long length,
      List<Share> windows) {}

  /** In one window. */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  record Share(
      long start, long end, @Nullable Double share, @Nullable Double threshold, boolean drifted) {}

  /** A reference: its cells, and its counts in them. */
  record Expected(List<String> cells, List<Long> counts) {}

  /** Reads them, and makes the table drift: of each statistic the newest row. */
  static Drift of(Lake lake) throws SQLException {
    STATISTICS.keep(lake, "drift", WINDOWS);
    gatherCells(lake);
    return new Drift(
        lake.rows(
            Grid.class,
            """
            select model, model_version, company_id, reference, epoch_ms(any_value(window_end)) - epoch_ms(any_value(window_start)),
                   list(row(feature, epoch_ms(window_start), epoch_ms(window_end), entities, statistics, counts, expected_id)
                        order by feature, window_start)
            from shown_cell group by model, model_version, company_id, reference, length
            order by model, company_id <> '*', company_id, model_version, reference desc, length
            """),
        lake.rows(
            Shares.class,
            """
            select model, model_version, company_id, reference, epoch_ms(any_value(window_end)) - epoch_ms(any_value(window_start)),
                   list(row(epoch_ms(window_start), epoch_ms(window_end), drift_score, threshold, coalesce(drifted, false)) order by window_start)
            from drift where "method" = '%s' group by model, model_version, company_id, reference, length order by all
            """
                .formatted(SHARE)),
        lake.rows(Expected.class, "select cells, counts from shown_expected order by id"),
        INPUTS.cut(
            lake,
            "\"method\" in " + METHODS,
            "shown_cell",
            "inputs in windows",
            WINDOWS,
            "companies"));
  }

  /** One histogram stands behind all statistics of an input in a window; references are shared. */
  private static void gatherCells(Lake lake) throws SQLException {
    lake.run(
        """
        create table cell as
        select model, model_version, company_id, reference, length, window_start, window_end, feature,
               max(coalesce(entities, 0)) as entities,
               list({'method': "method", 'score': drift_score, 'lower': lower, 'upper': upper, 'null_quantile': null_quantile,
                     'threshold': threshold, 'p': p_value, 'drifted': coalesce(drifted, false),
                     'insufficient': coalesce(insufficient, false)} order by "method") as statistics,
               coalesce(arg_max("current", len("current")), []) as counts,
               coalesce(arg_max(cells, len("current")), []) as names,
               coalesce(arg_max(expected, len("current")), []) as expected
        from drift where "method" in %s group by all
        """
            .formatted(METHODS));
    NewestFigures.fit(lake, "cell", "chosen_cell", "window_start desc, feature", CELLS);
    lake.run(
        """
        create table shown_expected as
        select names as cells, expected as counts, (row_number() over (order by names, expected) - 1)::integer as id
        from (select distinct names, expected from chosen_cell)
        """);
    lake.run(
        """
        create view shown_cell as
        select c.*, e.id as expected_id from chosen_cell c join shown_expected e on e.cells = c.names and e.counts = c.expected
        """);
  }
}
