-- CESAW's files as events, by its README and by what the mapping promises; {csv} is their folder.
-- Two rows write the year 2016 as 0016. One entry has no dates: it counts from when its task was done.

create macro instant(text) as epoch_us(coalesce(try_strptime(text, '%m/%d/%Y %H:%M'), try_strptime('2' || text[2:], '%Y-%m-%d %H:%M:%S')));

create table entry_row as
select * from read_csv('{csv}/CESAW_time_fact.csv.gz', all_varchar = true, nullstr = '\N');

create table task_row as
select *, project_key || '-' || person_key || '-' || plan_item_key as task_id,
       instant(task_actual_start_date) as start_at, instant(task_actual_complete_date) as complete_at
from read_csv('{csv}/CESAW_task_fact.csv.gz', all_varchar = true, nullstr = '\N');

create table defect_row as
select * from read_csv('{csv}/CESAW_defect_fact.csv', all_varchar = true, nullstr = '\N');

-- Projects without an entry belong to the organisation of their team.
create table company as
select project_key, coalesce(max(p.organization), max(t.organization)) as company_id
from (select distinct project_key, team_key from task_row union select distinct project_key, team_key from entry_row)
left join (select project_key, max(nullif(organization, '')) as organization from entry_row group by all) p using (project_key)
left join (select team_key, max(nullif(organization, '')) as organization from entry_row group by all) t using (team_key)
group by project_key;

create table start_row as
select company_id, project_key, team_key, person_key, instant(time_log_start_date) as began, process_name, 1 as file, entry_row.rowid as line
from entry_row join company using (project_key)
union all
select company_id, project_key, team_key, person_key, start_at, process_name, 2, task_row.rowid
from task_row join company using (project_key);

create table version as
select 'te-' || time_log_fact_key as event_id, company_id, 'time_entry' as kind, 'te-' || time_log_fact_key as fact_id,
       coalesce(instant(time_log_end_date), complete_at) as occurred_at, occurred_at as recorded_at, false as voided,
       project_key || '-' || person_key || '-' || plan_item_key as task_id, project_key as project_id,
       team_key as crew_id, person_key as worker_id,
       cast(time_log_delta_minutes as bigint) as minutes, cast(0 as bigint) as overtime_minutes,
       cast(greatest(0, cast(time_log_interrupt_minutes as double)) as bigint) as break_minutes, cast(null as double) as fix_minutes,
       cast(null as varchar) as category, cast(null as varchar) as injected_phase,
       cast(null as varchar) as status, cast(null as double) as planned_minutes, phase_short_name as phase,
       cast(null as bigint) as started_at, cast(null as varchar) as action,
       cast(null as varchar) as component_id
from entry_row join company using (project_key)
left join (select project_key, person_key, plan_item_key, complete_at from task_row) using (project_key, person_key, plan_item_key);

insert into version by name
select 'task-' || task_id || '-1-started' as event_id, company_id, 'task' as kind, task_id as fact_id,
       start_at as occurred_at, start_at as recorded_at, false as voided,
       task_id, project_key as project_id, team_key as crew_id, person_key as worker_id,
       'STARTED' as status, cast(task_plan_time_minutes as double) as planned_minutes, phase_short_name as phase,
       project_key || '-' || wbs_element_key as component_id, process_name as category
from task_row join company using (project_key)
where start_at is not null
union all by name
select 'task-' || task_id || '-2-completed' as event_id, company_id, 'task' as kind, task_id as fact_id,
       greatest(start_at, complete_at) as occurred_at, occurred_at as recorded_at, false as voided,
       task_id, project_key as project_id, team_key as crew_id, person_key as worker_id,
       'COMPLETED' as status, cast(task_plan_time_minutes as double) as planned_minutes, phase_short_name as phase,
       project_key || '-' || wbs_element_key as component_id, process_name as category
from task_row join company using (project_key)
where complete_at is not null
union all by name
select 'defect-' || defect_log_fact_key as event_id, company_id, 'defect' as kind, event_id as fact_id,
       instant(defect_found_date) as occurred_at, occurred_at as recorded_at, false as voided,
       project_key || '-' || person_key || '-' || plan_item_key as task_id, project_key as project_id,
       person_key as worker_id, removed_phase_name as phase, injected_phase_name as injected_phase, project_key || '-' || wbs_element_key as component_id,
       cast(defect_fix_time_minutes as double) as fix_minutes
from defect_row join company using (project_key)
union all by name
select 'project-' || project_key as event_id, company_id, 'project' as kind, project_key as fact_id,
       min(began) as occurred_at, min(began) as recorded_at, false as voided, project_key as project_id, min(began) as started_at,
       first(process_name order by began, file, line) as category
from start_row where began is not null group by company_id, project_key
union all by name
select 'member-' || team_key || '-' || person_key as event_id, company_id, 'crew_membership' as kind,
       team_key || '-' || person_key as fact_id,
       min(began) as occurred_at, min(began) as recorded_at, false as voided,
       team_key as crew_id, person_key as worker_id, 'JOINED' as action
from start_row where began is not null group by company_id, team_key, person_key;

create table cesaw_event as
select event_id, company_id, kind, voided, 'cesaw' as source, make_timestamptz(occurred_at) as occurred_at, make_timestamptz(recorded_at) as recorded_at,
       case kind when 'time_entry' then {'time_entry_id': fact_id, 'task_id': task_id, 'project_id': project_id, 'crew_id': crew_id, 'worker_id': worker_id,
         'minutes': minutes, 'overtime_minutes': overtime_minutes, 'break_minutes': break_minutes, 'phase': phase} end as time_entry,
       case kind when 'task' then {'task_id': task_id, 'project_id': project_id, 'crew_id': crew_id, 'worker_id': worker_id, 'status': status,
         'planned_minutes': planned_minutes, 'phase': phase, 'component_id': component_id, 'category': category,
         'required_skills': cast([] as varchar[]), 'depends_on': cast([] as varchar[])} end as task,
       case kind when 'defect' then {'defect_id': fact_id, 'task_id': task_id, 'project_id': project_id, 'worker_id': worker_id,
         'fix_minutes': fix_minutes, 'phase': phase, 'injected_phase': injected_phase, 'component_id': component_id} end as defect,
       case kind when 'project' then {'project_id': project_id, 'status': 'ACTIVE', 'type': category, 'started_at': make_timestamptz(started_at)} end as project,
       case kind when 'crew_membership' then {'crew_id': crew_id, 'worker_id': worker_id, 'action': action,
         'skills': cast([] as varchar[])} end as crew_membership,
       0 as kafka_partition, rowid as kafka_offset, make_timestamptz(rowid) as appended_at
from version;

drop table version;
