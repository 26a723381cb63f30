package io.crewcast.local.verify;

import io.crewcast.local.lake.Database;
import java.sql.SQLException;

/**
 * An order statistic of what counts at each row: a search from the highest digit of a value's rank
 * to the lowest, all rows at once. How many of those that count have a smaller digit is a running
 * sum.
 */
final class LiveQuantile {

  private final Database sql;

  LiveQuantile(Database sql) {
    this.sql = sql;
  }

  /**
   * Makes a table of row_no and value: of n sorted values the one at {@code floor(at * (n - 1))},
   * counted from 0; null where there is none.
   *
   * @param value SQL over the table live
   */
  void find(String table, String value, double at) throws SQLException {
    sql.run(
        """
        create or replace table valued as
        select entity_no, from_idx, end_idx, value, dense_rank() over (partition by entity_no order by value) - 1 as rank
        from (select *, %s as value from live) where value is not null
        """
            .formatted(value));
    sql.run(
        """
        create or replace table search as
        select row_no, entity_no, idx, cast(0 as bigint) as prefix, cast(floor(%s * cast(n - 1 as double)) as bigint) as place
        from (
          select own.row_no, own.entity_no, own.idx, sum(d) over (partition by own.entity_no order by own.idx) as n
          from own left join (
            select entity_no, idx, sum(d) as d
            from (select entity_no, from_idx as idx, 1 as d from valued union all select entity_no, end_idx, -1 from valued)
            group by all) using (entity_no, idx))
        where n > 0
        """
            .formatted(Sql.real(at)));
    long greatest = sql.number("select max(rank) from valued");
    for (int digit = 63 - Long.numberOfLeadingZeros(greatest); digit >= 0; digit--) {
      sql.run(
          """
          create or replace table smaller as
          select entity_no, prefix, idx, sum(d) over (partition by entity_no, prefix order by idx) as n
          from (
            select entity_no, prefix, idx, sum(d) as d from (
              select entity_no, rank >> %2$d as prefix, from_idx as idx, 1 as d from valued where (rank >> %1$d) %% 2 = 0
              union all
              select entity_no, rank >> %2$d, end_idx, -1 from valued where (rank >> %1$d) %% 2 = 0)
            group by all)
          """
              .formatted(digit, digit + 1));
      sql.run(
          """
          create or replace table search as
          select row_no, entity_no, idx, 2 * prefix + cast(place >= n as bigint) as prefix, case when place >= n then place - n else place end as place
          from (
            select s.*, cast(coalesce(c.n, 0) as bigint) as n
            from search s
            asof left join smaller c on c.entity_no = s.entity_no and c.prefix = s.prefix and c.idx <= s.idx)
          """);
    }
    sql.run(
        """
        create or replace table %s as
        select own.row_no, v.value
        from own
        left join search s using (row_no)
        left join (select distinct entity_no, rank, value from valued) v on v.entity_no = s.entity_no and v.rank = s.prefix
        """
            .formatted(table));
    sql.run("drop table valued");
    sql.run("drop table search");
    sql.run("drop table if exists smaller");
  }
}
