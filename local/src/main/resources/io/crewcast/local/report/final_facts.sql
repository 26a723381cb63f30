-- What counts at the end, from the versions of all facts. Input: version, last_task (the last row of each task), and task_row
-- (all rows of tasks).

create macro within(days, occurred_at, as_of) as
  occurred_at >= case when days <= 90 then (as_of - days * 86400000000) // 3600000000 * 3600000000
                      else (as_of - days * 86400000000) // 86400000000 * 86400000000 end;
create macro hours(minutes) as coalesce(minutes, 0) / cast(60 as double);
create macro rate(part, whole) as part / nullif(cast(whole as double), 0);
create macro effort(millionths, whole) as millionths / (cast(1e6 as double) * nullif(cast(whole as double), 0));
create macro is_held(status) as coalesce(status in ('ASSIGNED', 'STARTED', 'BLOCKED', 'IN_REVIEW'), false);

create table known as
select distinct on (company_id, event_id) * from version order by company_id, event_id, arrived;

create table standing as
select * exclude (place) from (
  select *, row_number() over (partition by company_id, kind, fact_id order by recorded_at desc, event_id desc) as place from known)
where place = 1 and not voided;

-- What all versions of a task say together.
create table history as
select company_id, task_id, count(*) filter (worker_id <> before) as reassignments, min(occurred_at) filter (status = 'STARTED') as first_started_at
from (
  select *, lag(worker_id ignore nulls) over (partition by company_id, fact_id order by recorded_at, event_id) as before
  from known where kind = 'task' and not voided)
group by all;

-- A finished task is compared with its plan as of the task's row that applied it: with the entries applied before.
create table finished as
with done as (
  select s.company_id, s.task_id, s.planned_minutes, max(r.sequence) as sequence
  from standing s
  join known v on v.company_id = s.company_id and v.kind = 'task' and v.fact_id = s.fact_id
  join task_row r on r.company_id = v.company_id and r.task_id = v.task_id and r.event_id = v.event_id
  where s.kind = 'task' and s.status = 'COMPLETED' and s.planned_minutes > 0
  group by all),
applied as (
  select d.company_id, d.task_id, case when v.voided or v.task_id is distinct from d.task_id then 0 else v.minutes end as minutes,
         row_number() over (partition by d.company_id, d.task_id, v.fact_id order by v.recorded_at desc, v.event_id desc) as place
  from done d
  join task_row r on r.company_id = d.company_id and r.task_id = d.task_id and r.sequence <= d.sequence
  join known v on v.company_id = r.company_id and v.event_id = r.event_id and v.kind = 'time_entry'),
compared as (
  select d.*, cast(coalesce(sum(a.minutes), 0) as double) as logged
  from done d left join applied a on a.company_id = d.company_id and a.task_id = d.task_id and a.place = 1
  group by all)
select company_id, task_id, true as finished, logged > cast(1.25 as double) * planned_minutes as overran,
       cast(round(cast(1e6 as double) * case when logged > 4 * planned_minutes then cast(4 as double) else logged / planned_minutes end) as bigint) as effort
from compared;

create table fact as
select s.*, coalesce(f.finished, false) as finished, coalesce(f.overran, false) as overran, f.effort
from standing s left join finished f on f.company_id = s.company_id and f.task_id = case when s.kind = 'task' then s.task_id end;

create table final_task as
select l.company_id, l.task_id,
       coalesce((select sum(minutes) from fact f where f.kind = 'time_entry' and f.company_id = l.company_id and f.task_id = l.task_id), 0) as logged_minutes,
       t.status, t.planned_minutes, t.phase, t.priority,
       case when t.fact_id is not null then h.reassignments end as reassignments,
       case when t.fact_id is not null then h.first_started_at end as started_at
from last_task l
left join standing t on t.kind = 'task' and t.company_id = l.company_id and t.task_id = l.task_id
left join history h on h.company_id = l.company_id and h.task_id = l.task_id;
