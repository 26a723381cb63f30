package io.crewcast.local.report;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Of a table of windows what a report shows: the newest row of each figure, in the newest windows,
 * of the companies to choose from and all together.
 *
 * @param table with the columns model, company_id, window_start, window_end and as_of
 * @param figure the columns that name a figure, besides its window
 */
record NewestFigures(LakeTable table, String figure) {

  /**
   * Makes a table of them. What is older is left out before anything is sorted: a lake of years
   * costs what its newest windows do.
   *
   * @param kept the table's name; it has the length of the window, too
   * @param windows how many of each model and length
   */
  void keep(Lake lake, String kept, int windows) throws SQLException {
    lake.run(
        """
        create table %1$s_window as
        from (select distinct model, window_start, window_end from %1$s)
        qualify row_number() over (partition by model, window_end - window_start order by window_start desc) <= %2$d
        """
            .formatted(table.table(), windows));
    lake.run(
        """
        create table %2$s as
        select *, window_end - window_start as length
        from %1$s semi join %1$s_window using (model, window_start, window_end)
        where company_id = '*' or company_id in (from shown_company)
        qualify row_number() over (partition by %3$s, window_start, window_end order by as_of desc) = 1
        """
            .formatted(table.table(), kept, figure));
  }

  /**
   * Makes a table of those rows that a page has room for, all companies together first.
   *
   * @param rows a table with the column company_id
   * @param order by which the others come, as SQL writes it
   */
  static void fit(Lake lake, String rows, String fitting, String order, int most)
      throws SQLException {
    lake.run(
        """
        create table %2$s as
        from %1$s qualify row_number() over (order by company_id <> '*', %3$s) <= %4$d
        """
            .formatted(rows, fitting, order, most));
  }

  /**
   * What is left out, in words; null for nothing.
   *
   * @param where a condition over the table's rows
   * @param fitting the table of what is shown
   * @param together what comes first
   */
  @Nullable String cut(
      Lake lake, String where, String fitting, String what, int windows, String together)
      throws SQLException {
    return Cut.of(
        count(lake, where),
        lake.number("select count(*) from " + fitting),
        what,
        "the newest %d windows of each length, all %s together first".formatted(windows, together));
  }

  /**
   * How many there are in all, with those of older windows.
   *
   * @param where a condition over the table's rows
   */
  private long count(Lake lake, String where) throws SQLException {
    return lake.number(
        "select count(*) from (select distinct %s, window_start, window_end from %s where %s and (company_id = '*' or company_id in (from shown_company)))"
            .formatted(figure, table.table(), where));
  }
}
