-- A lake of thirty days, with the tables' own column names and types. Noise is a hash: the same bytes each time.
set TimeZone = 'UTC';
set ieee_floating_point_ops = true;
create macro chance(a, b) as (hash(a::varchar || '|' || b::varchar) % 10007)::double / 10007;
create macro on_day(i) as timestamptz '2026-01-05 00:00:00+00' + to_days(i::integer);

create table rollouts as
select 'task_overrun' as model, id as rollout_id, stage, if(stage = 'PREPARE', null, on_day(since)) as effective_at,
       champion::integer as champion, challenger::integer as challenger, coverage::double as coverage,
       shadows::integer[] as shadows, experiment, on_day(since) - interval 1 minute as published_at, reason,
       if(id = 'r1', {'rollout_id': 'r0', 'effective_at': on_day(-12), 'champion': 2::integer, 'challenger': null::integer,
                      'coverage': 0.0::double, 'shadows': []::integer[], 'experiment': null::varchar}, null) as replaces
from (values ('r1', 2, 3, null, 0.0, [], null, 'first of the year'),
             ('r2', 9, 3, 4, 0.1, [], 'overrun-v4', 'v4 on trial'),
             ('r3', 16, 3, 4, 0.5, [5], 'overrun-v4', 'no harm at 10 %'),
             ('r4', 23, 4, null, 0.0, [5], null, 'v4 is better: "overrun-v4" <significant>'))
     t(id, since, champion, challenger, coverage, shadows, experiment, reason), (values ('PREPARE'), ('ACTIVATE')) s(stage);

create table input (place integer, name varchar, centre double);
insert into input values (0, 'task.planned_minutes', 4), (1, 'worker.hours_7d', 5), (2, 'worker.overrun_rate_365d', 2), (3, 'task.phase', 3),
  (4, 'project.open_tasks', 3.5), (5, 'crew.hours_30d', 5), (6, 'derived.idle_days', 1.5), (7, 'worker.open_tasks', 3), (8, 'task.priority', 2), (9, 'score', 3);

create table predictions as
select 'p' || i as prediction_id, company as company_id, 'task' as entity, 'task-' || i as entity_id, 'e' || i as event_id,
       null::varchar as request_id, 'task' as "trigger", model, version::integer as model_version, role,
       null::varchar as experiment, null::varchar as variation, null::varchar as unit_id, map {'score': chance(i, 'score')} as outputs,
       chance(i, 'c') as confidence,
       if(role = 'FALLBACK', [], list_transform(range(3), k -> {'feature': ['worker.hours_7d', 'task.planned_minutes', 'worker.overrun_rate_365d', 'task.phase',
            'project.open_tasks', 'derived.idle_days', 'crew.hours_30d', 'worker.open_tasks'][least(8, (1 + floor(9 * chance(i, k) * chance(i, k + 10)))::bigint)],
          'value': if(chance(i, k) < 0.1, null, 10 * chance(k, i)), 'text': null::varchar,
          'contribution': if(i = 77, 'nan'::double, (chance(i, k + 20) - 0.4) * (1.2 - 0.3 * k))})) as contributions,
       -1.2 as base_value, since as as_of, since + interval 1 second as scored_at, []::varchar[] as missing, chance(i, 'hours') * 50 as worker_hours_7d
from (
  select *, case when i % 50 = 7 then 'FALLBACK' when version = 5 then 'SHADOW' when version = 4 and n < 23 then 'CHALLENGER' else 'CHAMPION' end as role
  from (
    select i, (i // 200) as n, on_day(i // 200) + to_minutes((i % 200) * 7) as since, if(chance(i, 'company') < 0.6, 'acme', 'birch & söhne') as company, 'task_overrun' as model,
           case when i % 9 = 0 and i // 200 >= 16 then 5 when i // 200 >= 23 then 4
                when chance(i, 'trial') < if(i // 200 >= 16, 0.5, if(i // 200 >= 9, 0.1, 0)) then 4 else 3 end as version
    from range(6000) t(i)
    union all
    select 10000 + i, 30, on_day(3) + to_hours(i::integer), '<b>"x"</b>', '</script><img src=x onerror=alert(1)>', 1 from range(5) t(i)));

create table tenth as
select version, n, company, k, (40 + 200 * exp(-pow((k - 2.6) / 2, 2) / 2) * (0.8 + 0.4 * chance(n, version * 10 + k)))::bigint / if(company = '*', 1, 2) as n_k, (k + 0.5) / 10 as score
from range(30) a(n), (values (3), (4)) b(version), range(10) c(k), (values ('*'), ('acme')) d(company) where version = 3 and n < 23 or version = 4 and n >= 9;

create table model_performance as
select 'task_overrun' as model, version::integer as model_version, company as company_id, '*' as segment, '*' as variation, on_day(n) as window_start, on_day(n + 1) as window_end, metric,
       case when n = 12 and metric = 'auc' then 'nan'::double when n = 13 and metric = 'brier' then null else round("value", 6) end as "value",
       if(metric in ('auc', 'ece'), round("value" - width, 6), null) as lower, if(metric in ('auc', 'ece'), round("value" + width, 6), null) as upper,
       if(metric in ('latency_p95_ms', 'error_rate'), null, round(fallback, 6)) as fallback_value, (200 / if(company = '*', 1, 2))::bigint as predictions,
       (200 * maturity / if(company = '*', 1, 2))::bigint as labelled, 3::bigint as censored, 1::bigint as late, 2::bigint as known_before, maturity, n >= 25 as provisional,
       on_day(n + 1) + to_hours(extra) as as_of,
       if(metric = 'ece', (select list({'from': k / 10.0::double, 'count': n_k::bigint, 'sum_score': n_k * score,
            'sum_label': n_k * least(1, greatest(0, score + if(version = 3, 0.06, 0.01) + 0.05 * (chance(n, k) - 0.5)))} order by k)
          from tenth t where t.version = v.version and t.n = v.n and t.company = v.company), []) as bins
from (
  select *, least(1, (33 - n) / 8.0) as maturity, 0.02 + 0.01 * chance(n, metric) as width,
         base + if(version = 4, gain, 0) + spread * (chance(n * 100 + version, metric || company) - 0.5) as "value", worse + spread * (chance(n, 'f' || metric) - 0.5) as fallback
  from range(30) a(n), (values (3), (4)) b(version), (values ('*'), ('acme')) c(company), (values (0), (1)) e(extra),
       (values ('auc', 0.712, 0.026, 0.05, 0.664), ('log_loss', 0.53, -0.02, 0.05, 0.6), ('brier', 0.178, -0.008, 0.02, 0.19), ('ece', 0.062, -0.04, 0.02, 0.09),
               ('calibration_ratio', 0.91, 0.08, 0.1, 0.8), ('error_rate', 0.004, -0.001, 0.006, 0), ('latency_p95_ms', 3.1, 0.9, 1.2, 0)) d(metric, base, gain, spread, worse)
  where (version = 3 and n < 23 or version = 4 and n >= 9)) v
-- What was said first stood on fewer labels: only the newest row of a figure counts.
where extra = 1 or n > 20;
update model_performance set "value" = "value" + 1 where as_of = window_end;
insert into model_performance by name
  select * replace ('phase: build <&>' as segment, "value" - 0.02 as "value") from model_performance where company_id = '*' and metric in ('auc', 'brier');

create table histogram as
select n, i.place, i.name, reference, k,
       (if(reference = 'TRAINING', 4000, 1400) * exp(-pow((k - centre) / 2, 2) / 2))::bigint + 12 as expected,
       (if(n % 7 = 6, 9, 380 + 60 * chance(n, 'n')) * exp(-pow((k - centre - shift) / 2, 2) / 2) * (0.9 + 0.2 * chance(n * 1000 + i.place * 10 + k, 'c')))::bigint as now
from range(30) a(n), range(10) b(k), (values ('TRAINING'), ('LAST_WEEK')) c(reference),
     lateral (select *, case when name = 'worker.hours_7d' and n >= 20 then 0.25 * least(n - 19, 6) when name = 'score' and n >= 22 then 0.6
                             when name = 'derived.idle_days' and n between 11 and 13 then 0.9 else 0 end as shift from input) i;

create table distance as
select n, place, name, reference, sum(now)::bigint as entities, sum((c - e) * ln(c / e)) as psi,
       sqrt(sum(0.5 * c * ln(2 * c / (c + e)) + 0.5 * e * ln(2 * e / (c + e)))) as js, sum(abs(c - e)) / 2 as ks, list(now order by k)::bigint[] as "current",
       list(expected order by k)::bigint[] as expected
from (select *, (now + 0.5) / sum(now + 0.5) over w as c, (expected + 0.5) / sum(expected + 0.5) over w as e from histogram
      window w as (partition by n, place, reference))
group by all;

create table drift_statistics as
select 'task_overrun' as model, version::integer as model_version, company as company_id, name as feature, reference, on_day(n) as window_start, on_day(n + 1) as window_end,
       entities, "method", if(n = 4 and place = 2, 'inf'::double, score) as drift_score, score * 0.97 as lower, score * 1.04 as upper, 0.3::double * threshold as null_quantile, threshold::double as threshold,
       if(score > threshold, 0.00002, chance(n, name)) as p_value, score > threshold and entities >= 200 as drifted, entities < 200 as insufficient, "current",
       if(name = 'task.phase', ['design', 'build', 'test', 'review', '<script>', 'a "quoted" phase', 'deploy', 'plan', 'rework', 'OTHER'],
          list_transform(range(10), k -> if(k = 9, 'from ' || k * 5, k * 5 || ' to ' || (k + 1) * 5))) as cells,
       expected, on_day(n + 1) as as_of
from distance, (values (4), (3)) v(version), (values ('*'), ('acme')) c(company),
     lateral (values ('psi', psi, 0.1), ('jensen_shannon_distance', js, 0.1), (if(name in ('task.phase', 'task.priority'), 'chi_square', 'ks'), ks, 0.1)) m("method", score, threshold)
where version = 4 or n < 23;
insert into drift_statistics by name
  select model, model_version, company_id, '*' as feature, reference, window_start, window_end, max(entities) as entities, 'drifted_share' as "method",
         count(distinct feature) filter (drifted) / count(distinct feature) as drift_score, 0.3 as threshold,
         count(distinct feature) filter (drifted) / count(distinct feature) > 0.3 as drifted, false as insufficient, []::bigint[] as "current", []::varchar[] as cells,
         []::bigint[] as expected, max(as_of) as as_of
  from drift_statistics group by all;
insert into drift_statistics by name
  select model, 4::integer as model_version, '*' as company_id, name as feature, 'TRAINING' as reference, on_day(n) as window_start, on_day(n + 1) as window_end, 400::bigint as entities,
         "method", score as drift_score, threshold, score > threshold as drifted, false as insufficient, []::bigint[] as "current", []::varchar[] as cells,
         []::bigint[] as expected, on_day(n + 1) as as_of
  from range(30) a(n), (
    select 'task_overrun' as model, name, "method", threshold::double as threshold, base::double as base, place from input, (values ('missing_share', 0.1, 0.02), ('out_of_range_share', 0.05, 0.001), ('constant', 0.5, 0.0)) m("method", threshold, base)
    union all select 'task_overrun', 'worker.hours_7d', 'staleness_hours', 96.0, 20.0, 1
    union all select 'task_overrun', 'task.phase', 'new_category_share', 0.02, 0.001, 3
    union all select '*', '*', 'dead_letter_share', 0.01, 0.003, 0 union all select '*', '*', 'late_share', 0.05, 0.011, 0
    union all select '*', '*', 'event_volume', 2.0, 1.0, 0),
    lateral (select base * (0.7 + 0.6 * chance(n, name || "method")) + case when name = 'worker.overrun_rate_365d' and "method" = 'missing_share' and n in (17, 18) then 0.31
                                                                         when "method" = 'new_category_share' and n > 26 then 0.034
                                                                         when "method" = 'dead_letter_share' and n = 18 then 0.021 else 0 end as score);

create table experiment_metrics as
select experiment, '*' as company_id, metric, 'challenger' as variation, (n * 12)::bigint as units, (n * 12 + n % 5)::bigint as control_units, (control + effect)::double as mean, control::double as control_mean,
       if(n < 3, null, effect) as effect, if(n < 3 or metric = 'error_rate', null, effect - width) as lower, if(n < 3, null, effect + width) as upper, if(n < 3, null, least(1, exp(-pow(effect / width, 2)))) as p_value,
       if(metric = 'error_rate', 'asymptotic confidence sequence, one-sided', 'asymptotic confidence sequence, CUPED') as "method",
       case when n < 3 then 'INSUFFICIENT' when experiment = 'crew-order' and n > 30 then 'SRM' when metric <> 'error_rate' and effect + width < 0 then 'SIGNIFICANT' else 'RUNNING' end as state,
       on_day(9) + to_hours((n * 6)::integer) as as_of
from range(1, 57) a(n), (values ('overrun-v4', 'rework_rate', 0.21, -0.034), ('overrun-v4', 'blocked_hours', 3.4, -0.1), ('overrun-v4', 'error_rate', 0.004, 0.0004), ('crew-order', 'on_time_share', 0.7, 0.01)) m(experiment, metric, control, base),
     lateral (select base + abs(base) * 0.8 * (chance(n, metric) - 0.5) / sqrt(n) as effect, (abs(base) * 2.5 + 0.002) / sqrt(n / 2) as width);

create table exposures as
select if(i % 4 = 0, 'crew-order', 'overrun-v4') as experiment, if(i % 3 = 0, 'acme', 'birch & söhne') as company_id, 'unit-' || i as unit_id,
       if(chance(i, 'arm') < if(i % 4 = 0, 0.45, 0.5), 'challenger', 'control') as variation, 'p' || i as prediction_id, on_day(9) + to_minutes((i * 10)::integer) as exposed_at
from range(1400) t(i);
insert into exposures select experiment, company_id, unit_id, if(variation = 'control', 'challenger', 'control'), prediction_id, exposed_at + interval 1 day from exposures where unit_id in ('unit-1', 'unit-2', 'unit-4');

create table dead_letters as
select 'work-events' as topic, (i % 4)::integer as "partition", i as "offset", 'key'::blob as "key", null::blob as "value",
       ['CORRUPT_PAYLOAD', 'OUT_OF_RANGE', 'LATE', 'MISSING_ID'][1 + floor(4 * pow(chance(i, 'r'), 2))::bigint] as reason, 'detail ' || i as detail,
       if(i % 5 = 0, null, if(i % 2 = 0, 'acme', 'birch & söhne')) as company_id, on_day((30 * chance(i, 'd'))::bigint) + to_minutes((i % 1440)::integer) as appended_at
from range(240) t(i);

create table alerts as
select * replace ("value"::double as "value", threshold::double as threshold) from (values
  ('drift-1', 'WARNING', 'drift.task_overrun.worker.hours_7d', '*', 'worker.hours_7d has drifted from training in 2 of 3 windows: look at what feeds it, or retrain with ./crewcast train task_overrun', 0.42, 0.1, false, on_day(22)),
  ('drift-1', 'WARNING', 'drift.task_overrun.worker.hours_7d', '*', 'worker.hours_7d has drifted from training in 3 of 3 windows: look at what feeds it, or retrain with ./crewcast train task_overrun', 0.68, 0.1, false, on_day(24)),
  ('srm-1', 'CRITICAL', 'experiment.crew-order', '*', 'The split of <crew-order> is not as planned: 45 to 55 where 50 to 50 was asked for; it was stopped', 0.00004, 0.001, false, on_day(17)),
  ('missing-1', 'WARNING', 'quality.task_overrun.worker.overrun_rate_365d', 'acme', 'worker.overrun_rate_365d is missing in 33 % of the rows', 0.33, 0.1, false, on_day(18)),
  ('missing-1', 'INFO', 'quality.task_overrun.worker.overrun_rate_365d', 'acme', 'It is over', 0.02, 0.1, true, on_day(20)),
  ('missing-1', 'WARNING', 'quality.task_overrun.worker.overrun_rate_365d', 'acme', 'worker.overrun_rate_365d is missing again', 0.2, 0.1, false, on_day(21)),
  ('missing-1', 'INFO', 'quality.task_overrun.worker.overrun_rate_365d', 'acme', 'It is over', 0.02, 0.1, true, on_day(21) + interval 5 hour))
  t(alert_id, severity, subject, company_id, message, "value", threshold, resolved, as_of);
