package io.crewcast.local.report;

import com.fasterxml.jackson.annotation.JsonFormat;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What served when: what was rolled out, and what then answered.
 *
 * @param rollouts by model, oldest first
 * @param volumes predictions by model, version, role and company
 * @param cut what is left out, null for nothing
 */
record Served(List<Rollout> rollouts, List<Volume> volumes, @Nullable String cut) {

  private static final int BUCKETS = 120;

  /**
   * Who serves from one moment on.
   *
   * @param from milliseconds since 1970
   * @param until when the next one took over; null for the one that is in effect
   */
  record Rollout(
      String model,
      String rolloutId,
      long from,
      @Nullable Long until,
      int champion,
      @Nullable Integer challenger,
      @Nullable Double coverage,
      List<Integer> shadows,
      @Nullable String experiment,
      @Nullable String reason) {}

  /**
   * How many predictions one version made.
   *
   * @param length of a bucket in milliseconds
   */
  record Volume(
      String model,
      int version,
      String role,
      String company,
      long total,
      long length,
      List<Bucket> buckets) {}

  /** Predictions from one moment on. */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  record Bucket(long start, long predictions) {}

  static Served of(Lake lake) throws SQLException {
    boolean days =
        lake.number(
                "select coalesce(date_diff('hour', min(as_of), max(as_of)), 0) from predictions")
            > 72;
    String bucket = days ? "day" : "hour";
    lake.run(
        """
        create table volume as
        select model, model_version, role, coalesce(company_id, '*') as company, start, count(*) as n,
               dense_rank() over (order by start desc) as age
        from (select model, model_version, role, company_id, date_trunc('%s', as_of) as start from predictions
              where model is not null)
        where company_id is not null
        group by grouping sets ((model, model_version, role, start), (model, model_version, role, start, company_id))
        """
            .formatted(bucket));
    long buckets = lake.number("select coalesce(max(age), 0) from volume");
    List<Volume> volumes =
        lake.rows(
            Volume.class,
            """
            select model, model_version, role, company, sum(n), %d, list(row(epoch_ms(start), n) order by start)
            from volume where age <= %d and (company = '*' or company in (from shown_company))
            group by model, model_version, role, company order by model, company, model_version, role
            """
                .formatted(days ? 86_400_000 : 3_600_000, BUCKETS));
    return new Served(
        rollouts(lake),
        volumes,
        buckets > BUCKETS
            ? "Predictions are of the newest %d %ss of %d.".formatted(BUCKETS, bucket, buckets)
            : null);
  }

  /** One that a rollout replaces and that the lake itself does not have is shown, too. */
  private static List<Rollout> rollouts(Lake lake) throws SQLException {
    return lake.rows(
        Rollout.class,
        """
        with activated as (
          select distinct on (model, rollout_id) model, rollout_id, coalesce(effective_at, published_at) as since,
                 champion, challenger, coverage, shadows, experiment, reason, replaces
          from rollouts where stage = 'ACTIVATE' order by model, rollout_id, published_at),
        known as (
          select * exclude (replaces) from activated
          union all
          select distinct on (model, r.rollout_id) model, r.rollout_id, r.effective_at, r.champion, r.challenger,
                 r.coverage, r.shadows, r.experiment, null
          from (select model, replaces as r from activated where replaces is not null)
          where not exists (from activated a where a.model = model and a.rollout_id = r.rollout_id))
        select model, rollout_id, epoch_ms(since), epoch_ms(lead(since) over (partition by model order by since, rollout_id)),
               champion, challenger, coverage, coalesce(shadows, []), experiment, reason
        from known order by model, since, rollout_id
        """);
  }
}
