package io.crewcast.local.report;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the experiments say, as it came to be known.
 *
 * @param series effects by experiment, company, metric and variation
 * @param arms how many units each variation has seen
 * @param mixed units that were exposed to more than one variation
 * @param cut what is left out, null for nothing
 */
record Experiments(List<Series> series, List<Arm> arms, List<Mixed> mixed, @Nullable String cut) {

  private static final int LOOKS = 300;

  /**
   * One metric of one variation.
   *
   * @param scale {@code absolute}, or {@code relative} where effects are shares of control's mean
   */
  record Series(
      String experiment,
      String company,
      String metric,
      String variation,
      String method,
      String scale,
      List<Look> looks) {}

  /**
   * What was known at one moment.
   *
   * @param asOf milliseconds since 1970
   * @param lower of the interval; null where it has no lower end
   */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  record Look(
      long asOf,
      @Nullable Double effect,
      @Nullable Double lower,
      @Nullable Double upper,
      @Nullable Double p,
      String state,
      long units,
      long controlUnits,
      @Nullable Double mean,
      @Nullable Double controlMean) {}

  /** A variation of an experiment. */
  record Arm(
      String experiment, String company, String variation, long units, long first, long last) {}

  /** An experiment's units that saw more than one variation. */
  record Mixed(String experiment, String company, long units) {}

  static Experiments of(Lake lake) throws SQLException {
    lake.run(
        """
        create table look as
        select distinct on (experiment, company_id, metric, variation, as_of) *
        from experiment_metrics where company_id = '*' or company_id in (from shown_company)
        """);
    // Long series are thinned evenly; the newest look is always among those that stay.
    lake.run(
        """
        create table shown_look as
        select * from (
          select *, row_number() over w as age, count(*) over (partition by experiment, company_id, metric, variation) as n
          from look window w as (partition by experiment, company_id, metric, variation order by as_of desc))
        where (age - 1) %% greatest(ceil(n / %1$d.0), 1)::bigint = 0
        """
            .formatted(LOOKS));
    lake.run(
        """
        create table exposed as
        select experiment, company_id, unit_id, variation, min(exposed_at) as since, max(exposed_at) as until
        from exposures where company_id is not null group by all
        """);
    return new Experiments(
        lake.rows(
            Series.class,
            """
            select experiment, company_id, metric, variation, arg_max("method", as_of), coalesce(arg_max(scale, as_of), 'absolute'),
                   list(row(epoch_ms(as_of), effect, lower, upper, p_value, state, coalesce(units, 0), coalesce(control_units, 0),
                            mean, control_mean) order by as_of)
            from shown_look group by experiment, company_id, metric, variation
            order by experiment, company_id <> '*', company_id, metric, variation
            """),
        lake.rows(
            Arm.class,
            """
            select experiment, coalesce(company_id, '*') as company, variation, count(*), epoch_ms(min(since)), epoch_ms(max(until))
            from exposed group by grouping sets ((experiment, variation), (experiment, variation, company_id))
            having company_id is null or company_id in (from shown_company)
            order by experiment, company <> '*', company, variation
            """),
        lake.rows(
            Mixed.class,
            """
            select experiment, coalesce(company_id, '*') as company, count(*)
            from (select experiment, company_id, unit_id from exposed group by all having count(*) > 1)
            group by grouping sets ((experiment), (experiment, company_id)) order by all
            """),
        Cut.of(
            lake.number("select count(*) from look"),
            lake.number("select count(*) from shown_look"),
            "intervals",
            "long series are thinned evenly to %d points, the newest always among them"
                .formatted(LOOKS)));
  }
}
