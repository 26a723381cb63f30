package io.crewcast.local.report;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a report is made of.
 *
 * @param tables all that it reads, those too that are not there
 * @param models named in any of them, the busiest first
 * @param companies to choose from, the busiest first, without {@code *}
 * @param companiesLeftOut how many more there are
 */
record Sources(
    List<Table> tables, List<String> models, List<String> companies, long companiesLeftOut) {

  private static final int COMPANIES = 50;

  /**
   * A table of the lake.
   *
   * @param there whether it has a file
   * @param rows in the range of the report
   * @param from the first of them, milliseconds since 1970
   * @param to the last of them
   */
  record Table(
      String table,
      boolean there,
      long rows,
      @Nullable Long from,
      @Nullable Long to,
      String filledBy) {}

  record Counted(long rows, @Nullable Long from, @Nullable Long to) {}

  record Name(String name) {}

  /** Reads them, and makes the table shown_company of those whom the report shows by themselves. */
  static Sources of(Lake lake) throws SQLException, IOException {
    List<Table> tables = new ArrayList<>();
    for (LakeTable table : LakeTable.values()) {
      Counted counted =
          lake.rows(
                  Counted.class,
                  "select count(*), epoch_ms(min(%1$s)), epoch_ms(max(%1$s)) from %2$s"
                      .formatted(table.time, table.table()))
              .get(0);
      tables.add(
          new Table(
              table.table(),
              lake.isThere(table),
              counted.rows(),
              counted.from(),
              counted.to(),
              table.filledBy));
    }
    lake.run(
        """
        create table company as
        select company_id, sum(n) as n from (
          select company_id, count(*) as n from predictions group by all
          union all select company_id, 0 from model_performance group by all
          union all select company_id, 0 from drift_statistics group by all
          union all select company_id, 0 from experiment_metrics group by all
          union all select company_id, 0 from exposures group by all
          union all select company_id, 0 from dead_letters group by all
          union all select company_id, 0 from alerts group by all)
        where company_id is not null and company_id <> '*' group by company_id
        """);
    lake.run(
        "create table shown_company as select company_id from company order by n desc, company_id limit "
            + COMPANIES);
    List<Name> models =
        lake.rows(
            Name.class,
            """
            select model from (
              select model, count(*) as n from predictions group by model
              union all select model, 0 from rollouts union all select model, 0 from model_performance
              union all select model, 0 from drift_statistics)
            where model is not null and model <> '*' group by model order by sum(n) desc, model
            """);
    List<Name> companies = lake.rows(Name.class, "select company_id from shown_company");
    return new Sources(
        tables,
        models.stream().map(Name::name).toList(),
        companies.stream().map(Name::name).toList(),
        lake.number("select count(*) from company") - companies.size());
  }
}
