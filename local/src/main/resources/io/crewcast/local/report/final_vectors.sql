-- Every feature of every project, crew and worker at its last emitted row, from the table fact. The last row is about one version of
-- a fact; where two rows come of one event, one takes back and one applies, in either order, {nth} says which is meant.

-- The newest version of the event's fact that names the entity, or the one before; none where time alone passed.
create or replace table subject as
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
where place = {nth};

create table final_project_{nth} as
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
from (from last_project where {nth} = 1 or twice) l
left join fact f on f.company_id = l.company_id and f.project_id = l.project_id
left join subject s on s.entity = 'project' and s.company_id = l.company_id and s.id = l.project_id
group by l.company_id, l.project_id;

create table final_crew_{nth} as
select l.company_id, l.crew_id,
       hours(sum(f.minutes) filter (within(30, f.occurred_at, l.as_of))) as hours_30d,
       count(*) filter (f.action = 'JOINED') as member_count,
       rate(count(*) filter (f.overran and within(90, f.occurred_at, l.as_of)), count(*) filter (f.finished and within(90, f.occurred_at, l.as_of))) as overrun_rate_90d,
       rate(count(*) filter (f.overran and f.phase = s.phase and within(365, f.occurred_at, l.as_of)), count(*) filter (f.finished and f.phase = s.phase and within(365, f.occurred_at, l.as_of))) as overrun_rate_phase_365d,
       effort(sum(f.effort) filter (f.finished and f.phase = s.phase and within(365, f.occurred_at, l.as_of)), count(*) filter (f.finished and f.phase = s.phase and within(365, f.occurred_at, l.as_of))) as effort_ratio_phase_365d,
       count(*) filter (is_held(f.status)) as open_tasks
from (from last_crew where {nth} = 1 or twice) l
left join fact f on f.company_id = l.company_id and f.crew_id = l.crew_id
left join subject s on s.entity = 'crew' and s.company_id = l.company_id and s.id = l.crew_id
group by l.company_id, l.crew_id;

create table final_worker_{nth} as
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
  from (from last_worker where {nth} = 1 or twice) l
  left join fact f on f.company_id = l.company_id and f.worker_id = l.worker_id
  left join subject s on s.entity = 'worker' and s.company_id = l.company_id and s.id = l.worker_id
  group by l.company_id, l.worker_id);
