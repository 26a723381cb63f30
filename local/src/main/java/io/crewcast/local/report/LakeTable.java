package io.crewcast.local.report;

import java.util.Locale;

/** The tables that a report is made of: their columns that it reads, and who writes them. */
enum LakeTable {
  ROLLOUTS(
      "published_at",
      "a live job writes it once something is rolled out with ./crewcast models rollout",
      """
      model varchar, rollout_id varchar, stage varchar, effective_at timestamptz, champion integer, challenger integer,
      coverage double, shadows integer[], experiment varchar, published_at timestamptz, reason varchar,
      replaces struct(rollout_id varchar, effective_at timestamptz, champion integer, challenger integer, coverage double,
                      shadows integer[], experiment varchar)
      """),
  PREDICTIONS(
      "as_of",
      "ScoringJob writes it with every score",
      """
      company_id varchar, model varchar, model_version integer, role varchar, as_of timestamptz,
      contributions struct(feature varchar, "value" double, "text" varchar, contribution double)[]
      """),
  MODEL_PERFORMANCE(
      "window_start",
      "MonitoringJob writes it as labels become known",
      """
      model varchar, model_version integer, company_id varchar, segment varchar, variation varchar,
      window_start timestamptz, window_end timestamptz, metric varchar, "value" double, lower double, upper double,
      fallback_value double, predictions bigint, labelled bigint, censored bigint, late bigint, known_before bigint,
      maturity double, provisional boolean, as_of timestamptz,
      bins struct("from" double, "count" bigint, sum_score double, sum_label double)[]
      """),
  DRIFT_STATISTICS(
      "window_start",
      "MonitoringJob writes it when a window of scored inputs is over",
      """
      model varchar, model_version integer, company_id varchar, feature varchar, reference varchar,
      window_start timestamptz, window_end timestamptz, entities bigint, "method" varchar, drift_score double,
      lower double, upper double, null_quantile double, threshold double, p_value double, drifted boolean,
      insufficient boolean, "current" bigint[], cells varchar[], expected bigint[], as_of timestamptz
      """),
  EXPERIMENT_METRICS(
      "as_of",
      "ExperimentJob writes it while an experiment of flink-conf/experiments/ runs",
      """
      experiment varchar, company_id varchar, metric varchar, variation varchar, units bigint, control_units bigint,
      mean double, control_mean double, effect double, lower double, upper double, p_value double, "method" varchar,
      scale varchar, state varchar, as_of timestamptz
      """),
  EXPOSURES(
      "exposed_at",
      "ExperimentJob writes it when a unit is first served",
      """
      experiment varchar, company_id varchar, unit_id varchar, variation varchar, exposed_at timestamptz
      """),
  DEAD_LETTERS(
      "appended_at",
      "ScoringJob and MonitoringJob write it when a record cannot be used",
      "reason varchar, company_id varchar, appended_at timestamptz"),
  ALERTS(
      "as_of",
      "the jobs write it when something is wrong",
      """
      alert_id varchar, severity varchar, subject varchar, company_id varchar, message varchar, "value" double,
      threshold double, resolved boolean, as_of timestamptz
      """);

  final String time;
  final String filledBy;
  final String columns;

  /**
   * @param time the column by which a row is within a report's range
   * @param filledBy half a sentence: who writes the table, and when
   * @param columns as DuckDB declares them; one that no file has is null
   */
  LakeTable(String time, String filledBy, String columns) {
    this.time = time;
    this.filledBy = filledBy;
    this.columns = columns;
  }

  /** Its folder in the lake, and its view in SQL. */
  String table() {
    return name().toLowerCase(Locale.ROOT);
  }
}
