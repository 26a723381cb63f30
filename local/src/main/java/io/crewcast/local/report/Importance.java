package io.crewcast.local.report;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.sql.SQLException;
import java.util.List;

/** What moved the scores of each version: mean absolute contributions of its predictions. */
record Importance(List<Version> versions) {

  private static final int INPUTS = 20;

  /**
   * One version.
   *
   * @param explained predictions that name contributions
   * @param named inputs that any of them names; more than are listed where some are left out
   */
  record Version(
      String model, int version, String company, long explained, long named, List<Input> inputs) {}

  /**
   * One input.
   *
   * @param mean of the absolute contributions over all explained predictions; where a prediction
   *     does not name the input it counts as 0
   * @param share of the explained predictions that name it
   */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  record Input(String name, double mean, double share) {}

  static Importance of(Lake lake) throws SQLException {
    return new Importance(
        lake.rows(
            Version.class,
            """
            with explained as (
              select model, model_version, company_id, contributions from predictions
              where len(contributions) > 0 and role <> 'FALLBACK' and model is not null and company_id is not null),
            whole as (
              select model, model_version, coalesce(company_id, '*') as company, count(*) as n from explained
              group by grouping sets ((model, model_version), (model, model_version, company_id))),
            named as (
              select model, model_version, coalesce(company_id, '*') as company, c.feature, count(*) as times,
                     sum(abs(c.contribution)) as moved
              from (select model, model_version, company_id, unnest(contributions) as c from explained)
              where isfinite(c.contribution)
              group by grouping sets ((model, model_version, c.feature), (model, model_version, company_id, c.feature))),
            placed as (
              select *, moved / n as mean, times / n as share,
                     row_number() over (partition by model, model_version, company order by moved desc, feature) as place
              from named join whole using (model, model_version, company))
            select model, model_version, company, n, max(place), list(row(feature, mean, share) order by place) filter (place <= %d)
            from placed where company = '*' or company in (from shown_company)
            group by model, model_version, company, n order by model, company <> '*', company, model_version
            """
                .formatted(INPUTS)));
  }
}
