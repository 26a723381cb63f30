-- Every feature of every entity at its last emitted row, counted from the standing versions of all facts. Input: version,
-- the tables last_task, last_project, last_crew and last_worker (the last rows), and task_row (all rows of tasks).

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
from standing s left join finished f on s.kind = 'task' and f.company_id = s.company_id and f.task_id = s.task_id;

create table final_task as
select l.company_id, l.task_id,
       coalesce((select sum(minutes) from fact f where f.kind = 'time_entry' and f.company_id = l.company_id and f.task_id = l.task_id), 0) as logged_minutes,
       t.status, t.planned_minutes, t.phase, t.priority,
       case when t.fact_id is not null then h.reassignments end as reassignments,
       case when t.fact_id is not null then h.first_started_at end as started_at
from last_task l
left join standing t on t.kind = 'task' and t.company_id = l.company_id and t.task_id = l.task_id
left join history h on h.company_id = l.company_id and h.task_id = l.task_id;

-- The version that a last row is about: the newest of the event's fact that names the entity; none where time alone passed.
create table subject as
with last as (
  select 'project' as entity, company_id, project_id as id, event_id from last_project
  union all select 'crew', company_id, crew_id, event_id from last_crew
  union all select 'worker', company_id, worker_id, event_id from last_worker)
select * from (
  select l.entity, l.company_id, l.id, v.phase, v.component_id, v.project_id,
         row_number() over (partition by l.entity, l.company_id, l.id order by v.recorded_at desc, v.event_id desc) as place
  from last l
  join known e on e.company_id = l.company_id and e.event_id = l.event_id
  join known v on v.company_id = e.company_id and v.kind = e.kind and v.fact_id = e.fact_id and not v.voided
   and l.id = case l.entity when 'project' then v.project_id when 'crew' then v.crew_id else v.worker_id end)
where place = 1;

create table final_project as
select l.company_id, l.project_id,
       hours(sum(f.minutes) filter (within(30, f.occurred_at, l.as_of))) as hours_30d,
       hours(sum(f.minutes)) as hours_total,
       count(*) filter (is_held(f.status)) as open_tasks,
       count(*) filter (f.kind = 'task' and f.status = 'COMPLETED' and within(7, f.occurred_at, l.as_of)) as tasks_completed_7d,
       rate(count(*) filter (f.overran and within(90, f.occurred_at, l.as_of)), count(*) filter (f.finished and within(90, f.occurred_at, l.as_of))) as overrun_rate_90d,
       rate(count(*) filter (f.overran and f.phase = s.phase and within(90, f.occurred_at, l.as_of)), count(*) filter (f.finished and f.phase = s.phase and within(90, f.occurred_at, l.as_of))) as overrun_rate_phase_90d,
       rate(count(*) filter (f.overran and f.component_id = s.component_id and within(365, f.occurred_at, l.as_of)), count(*) filter (f.finished and f.component_id = s.component_id and within(365, f.occurred_at, l.as_of))) as overrun_rate_component_365d,
       case when any_value(s.component_id) is not null then count(*) filter (f.finished and f.component_id = s.component_id and within(365, f.occurred_at, l.as_of)) end as tasks_finished_component_365d,
       effort(sum(f.effort) filter (f.finished and f.phase = s.phase and within(90, f.occurred_at, l.as_of)), count(*) filter (f.finished and f.phase = s.phase and within(90, f.occurred_at, l.as_of))) as effort_ratio_phase_90d,
       effort(sum(f.effort) filter (f.finished and f.component_id = s.component_id and within(365, f.occurred_at, l.as_of)), count(*) filter (f.finished and f.component_id = s.component_id and within(365, f.occurred_at, l.as_of))) as effort_ratio_component_365d,
       count(distinct f.worker_id) filter (f.kind = 'time_entry' and within(30, f.occurred_at, l.as_of)) as worker_count_30d,
       count(*) filter (f.kind = 'defect' and within(30, f.occurred_at, l.as_of)) as defects_30d,
       max(f.started_at) filter (f.kind = 'project') as started_at
from last_project l
left join fact f on f.company_id = l.company_id and f.project_id = l.project_id
left join subject s on s.entity = 'project' and s.company_id = l.company_id and s.id = l.project_id
group by l.company_id, l.project_id;

create table final_crew as
select l.company_id, l.crew_id,
       hours(sum(f.minutes) filter (within(30, f.occurred_at, l.as_of))) as hours_30d,
       count(*) filter (f.action = 'JOINED') as member_count,
       rate(count(*) filter (f.overran and within(90, f.occurred_at, l.as_of)), count(*) filter (f.finished and within(90, f.occurred_at, l.as_of))) as overrun_rate_90d,
       rate(count(*) filter (f.overran and f.phase = s.phase and within(365, f.occurred_at, l.as_of)), count(*) filter (f.finished and f.phase = s.phase and within(365, f.occurred_at, l.as_of))) as overrun_rate_phase_365d,
       effort(sum(f.effort) filter (f.finished and f.phase = s.phase and within(365, f.occurred_at, l.as_of)), count(*) filter (f.finished and f.phase = s.phase and within(365, f.occurred_at, l.as_of))) as effort_ratio_phase_365d,
       count(*) filter (is_held(f.status)) as open_tasks
from last_crew l
left join fact f on f.company_id = l.company_id and f.crew_id = l.crew_id
left join subject s on s.entity = 'crew' and s.company_id = l.company_id and s.id = l.crew_id
group by l.company_id, l.crew_id;

create table final_worker as
select * replace (hours_30d / nullif(cast(active_days_30d as double), 0) as avg_hours_per_day_30d,
                  cast(100 as double) * overtime_hours_30d / nullif(hours_30d, 0) as overtime_percentage_30d)
from (
  select l.company_id, l.worker_id,
         hours(sum(f.minutes) filter (within(7, f.occurred_at, l.as_of))) as hours_7d,
         hours(sum(f.minutes) filter (within(30, f.occurred_at, l.as_of))) as hours_30d,
         hours(sum(f.minutes)) as hours_total,
         count(distinct f.occurred_at // 86400000000) filter (f.kind = 'time_entry' and within(30, f.occurred_at, l.as_of)) as active_days_30d,
         count(distinct f.project_id) filter (f.kind = 'time_entry' and within(30, f.occurred_at, l.as_of)) as project_count_30d,
         hours(sum(f.overtime_minutes) filter (within(30, f.occurred_at, l.as_of))) as overtime_hours_30d,
         count(*) filter (is_held(f.status)) as open_tasks,
         count(*) filter (f.kind = 'task' and f.status = 'COMPLETED' and within(90, f.occurred_at, l.as_of)) as tasks_completed_90d,
         rate(count(*) filter (f.overran and within(90, f.occurred_at, l.as_of)), count(*) filter (f.finished and within(90, f.occurred_at, l.as_of))) as overrun_rate_90d,
         rate(count(*) filter (f.overran and within(365, f.occurred_at, l.as_of)), count(*) filter (f.finished and within(365, f.occurred_at, l.as_of))) as overrun_rate_365d,
         rate(count(*) filter (f.overran and f.phase = s.phase and within(90, f.occurred_at, l.as_of)), count(*) filter (f.finished and f.phase = s.phase and within(90, f.occurred_at, l.as_of))) as overrun_rate_phase_90d,
         rate(count(*) filter (f.overran and f.phase = s.phase and within(365, f.occurred_at, l.as_of)), count(*) filter (f.finished and f.phase = s.phase and within(365, f.occurred_at, l.as_of))) as overrun_rate_phase_365d,
         rate(count(*) filter (f.overran and f.project_id = s.project_id and within(365, f.occurred_at, l.as_of)), count(*) filter (f.finished and f.project_id = s.project_id and within(365, f.occurred_at, l.as_of))) as overrun_rate_project_365d,
         case when any_value(s.phase) is not null then count(*) filter (f.finished and f.phase = s.phase and within(365, f.occurred_at, l.as_of)) end as tasks_finished_phase_365d,
         effort(sum(f.effort) filter (f.finished and within(365, f.occurred_at, l.as_of)), count(*) filter (f.finished and within(365, f.occurred_at, l.as_of))) as effort_ratio_365d,
         effort(sum(f.effort) filter (f.finished and f.phase = s.phase and within(365, f.occurred_at, l.as_of)), count(*) filter (f.finished and f.phase = s.phase and within(365, f.occurred_at, l.as_of))) as effort_ratio_phase_365d,
         max(f.occurred_at) filter (f.kind = 'time_entry') as last_entry_at,
         cast(null as double) as avg_hours_per_day_30d,
         cast(null as double) as overtime_percentage_30d
  from last_worker l
  left join fact f on f.company_id = l.company_id and f.worker_id = l.worker_id
  left join subject s on s.entity = 'worker' and s.company_id = l.company_id and s.id = l.worker_id
  group by l.company_id, l.worker_id);
