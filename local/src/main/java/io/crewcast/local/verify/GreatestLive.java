package io.crewcast.local.verify;

import io.crewcast.local.lake.Database;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The greatest of what counts at each row, or the greatest few.
 *
 * <p>A stretch of rows is cut into those whose ends are multiples of powers of two, at most two of
 * each length: a segment tree. A row lies in one such piece of each length, so that it looks at few
 * pieces, however many stretches it lies in.
 */
final class GreatestLive {

  private final Database sql;

  GreatestLive(Database sql) {
    this.sql = sql;
  }

  /**
   * Makes a table of row_no and value; rows in no stretch have null.
   *
   * @param stretches SQL with entity_no, from_idx, end_idx, value and what {@code order} names
   * @param order SQL, the greatest last
   * @param n how many, for a list from the greatest on; null for one
   */
  void find(String table, String stretches, String order, @Nullable Integer n) throws SQLException {
    sql.run(
        """
        create or replace table stretch as
        select entity_no, from_idx, end_idx, value, row_number() over (order by %s) as nth
        from (%s) where value is not null
        """
            .formatted(order, stretches));
    int levels = 64 - Long.numberOfLeadingZeros(sql.number("select max(end_idx) from stretch"));
    String greatest = n == null ? "max(%s)" : "max(%s, " + n + ")";
    sql.run(
        """
        create or replace table piece as
        select entity_no, level, unnest(pieces) as piece, nth from (
          select entity_no, level, nth,
                 case when first %% 2 = 1 then [first] else [] end || case when behind %% 2 = 1 then [behind - 1] else [] end as pieces
          from (
            select entity_no, nth, level, (from_idx + (1::bigint << level) - 1) >> level as first, end_idx >> level as behind
            from stretch, (select range as level from range(%d)))
          where first < behind)
        """
            .formatted(levels));
    sql.run(
        "create or replace table piece as select entity_no, level, piece, %s as nth from piece group by all"
            .formatted(greatest.formatted("nth")));
    if (n == null) {
      sql.run(
          """
          create or replace table %s as
          select own.row_no, s.value
          from own
          left join (
            select o.row_no, max(p.nth) as nth
            from (select row_no, entity_no, range as level, idx >> range as piece from own, range(%d)) o
            join piece p using (entity_no, level, piece)
            group by o.row_no) found using (row_no)
          left join stretch s using (nth)
          """
              .formatted(table, levels));
    } else {
      sql.run(
          """
          create or replace table %1$s as
          select own.row_no, list(s.value order by s.nth desc) filter (s.nth is not null) as value
          from own
          left join (
            select row_no, unnest(list_sort(flatten(list(p.nth)), 'DESC')[1:%2$d]) as nth
            from (select row_no, entity_no, range as level, idx >> range as piece from own, range(%3$d)) o
            join piece p using (entity_no, level, piece)
            group by row_no) found using (row_no)
          left join stretch s using (nth)
          group by own.row_no
          """
              .formatted(table, n, levels));
    }
    sql.run("drop table piece");
    sql.run("drop table stretch");
  }
}
