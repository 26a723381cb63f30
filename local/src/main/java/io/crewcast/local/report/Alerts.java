package io.crewcast.local.report;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What people were told.
 *
 * @param alerts those that are open first, then the newest
 * @param open how many are not over
 * @param cut what is left out, null for nothing
 */
record Alerts(List<Episode> alerts, long open, @Nullable String cut) {

  private static final int SHOWN = 200;

  /**
   * An alert from its first row to the one that says that it is over. What returns under the same
   * identity is another.
   *
   * @param opened milliseconds since 1970; null where the range begins after it
   * @param resolved null while it is open
   * @param value the newest that was measured while it was open
   */
  record Episode(
      String id,
      String severity,
      String subject,
      String company,
      String message,
      @Nullable Double value,
      @Nullable Double threshold,
      @Nullable Long opened,
      @Nullable Long resolved) {}

  static Alerts of(Lake lake) throws SQLException {
    lake.run(
        """
        create table episode as
        select alert_id, company_id, nth, coalesce(arg_max(message, as_of) filter (not resolved), max(message)) as message,
               coalesce(arg_max(severity, as_of) filter (not resolved), max(severity)) as severity, max(subject) as subject,
               coalesce(arg_max("value", as_of) filter (not resolved), max("value")) as "value", max(threshold) as threshold,
               min(as_of) filter (not resolved) as opened, min(as_of) filter (resolved) as over
        from (
          select * replace (coalesce(resolved, false) as resolved),
                 count(*) filter (resolved) over (partition by alert_id, company_id order by as_of, resolved
                                                  rows between unbounded preceding and 1 preceding) as nth
          from (select distinct * from alerts))
        group by all
        """);
    return new Alerts(
        lake.rows(
            Episode.class,
            """
            select alert_id, severity, subject, coalesce(company_id, '*'), message, "value", threshold, epoch_ms(opened), epoch_ms(over)
            from episode
            order by over is not null, case severity when 'CRITICAL' then 0 when 'WARNING' then 1 else 2 end,
                     coalesce(over, opened) desc, alert_id
            limit %d
            """
                .formatted(SHOWN)),
        lake.number("select count(*) from episode where over is null"),
        Cut.of(
            lake.number("select count(*) from episode"),
            Math.min(SHOWN, lake.number("select count(*) from episode")),
            "alerts",
            "those that are open, then the newest"));
  }
}
