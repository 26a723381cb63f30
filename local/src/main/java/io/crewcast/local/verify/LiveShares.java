package io.crewcast.local.verify;

import io.crewcast.local.lake.Database;
import java.sql.SQLException;

/** Sums by a text of what counts: which texts are most frequent, and how unequal the sums are. */
final class LiveShares {

  private static final long AT_ONCE = 20_000_000;

  private final Database sql;

  LiveShares(Database sql) {
    this.sql = sql;
  }

  /**
   * Makes the table share: the total of each text from a row until another.
   *
   * @param text SQL over the table live
   * @param value SQL for a whole number over it
   */
  void read(String text, String value) throws SQLException {
    sql.run(
        """
        create or replace table share as
        select entity_no, text, total, idx as from_idx, lead(idx) over (partition by entity_no, text order by idx) as end_idx
        from (
          select entity_no, text, idx, sum(d) over (partition by entity_no, text order by idx) as total
          from (
            select entity_no, text, idx, sum(d) as d from (
              select entity_no, %1$s as text, from_idx as idx, %2$s as d from live
              union all
              select entity_no, %1$s, end_idx, -(%2$s) from live)
            where text is not null and d is not null
            group by all having sum(d) <> 0))
        """
            .formatted(text, value));
    sql.run("delete from share where total = 0");
  }

  /** SQL for the texts of the table share in the order of their frequency, for GreatestLive. */
  static final String FREQUENT =
      "select entity_no, from_idx, end_idx, total, text as value from share";

  /** The greatest last; of two as frequent ones the text that sorts first is the greater. */
  static final String BY_FREQUENCY = "total, value desc";

  /**
   * Makes a table of row_no and value: Gini's coefficient of the totals, which is twice the sum of
   * each total times its place over the sum of all times their number, less one and a share.
   */
  void gini(String table) throws SQLException {
    sql.run(
        """
        create or replace table turn as
        select entity_no, idx, row_number() over (partition by entity_no order by idx) as turn
        from (select entity_no, from_idx as idx from share union select entity_no, end_idx from share)
        """);
    sql.run(
        """
        create or replace table share as
        select s.entity_no, s.total, a.turn as from_turn, b.turn as end_turn
        from share s
        join turn a on a.entity_no = s.entity_no and a.idx = s.from_idx
        join turn b on b.entity_no = s.entity_no and b.idx = s.end_idx
        """);
    sql.run("create or replace table unequal (entity_no bigint, turn bigint, value double)");
    long parts =
        1 + sql.number("select coalesce(sum(end_turn - from_turn), 0) from share") / AT_ONCE;
    for (long part = 0; part < parts; part++) {
      sql.run(
          """
          insert into unequal
          select entity_no, turn, %s / %s
          from (
            select entity_no, turn, 2 * sum(place * total) - (count(*) + 1) * sum(total) as above, count(*) * sum(total) as below
            from (
              select entity_no, turn, cast(total as hugeint) as total, row_number() over (partition by entity_no, turn order by total) as place
              from (select entity_no, total, unnest(range(from_turn, end_turn)) as turn from share where entity_no %% %d = %d))
            group by entity_no, turn)
          where below <> 0
          """
              .formatted(nearest("above"), nearest("below"), parts, part));
    }
    sql.run(
        """
        create or replace table %s as
        select own.row_no, u.value
        from own
        asof left join turn t on t.entity_no = own.entity_no and t.idx <= own.idx
        left join unequal u on u.entity_no = t.entity_no and u.turn = t.turn
        """
            .formatted(table));
    sql.run("drop table turn");
    sql.run("drop table unequal");
  }

  void drop() throws SQLException {
    sql.run("drop table share");
  }

  /**
   * The double nearest to a whole number of any size: DuckDB's cast rounds twice beyond 64 bits.
   */
  static String nearest(String whole) {
    return "cast(cast(%s as varchar) as double)".formatted(whole);
  }
}
