-- The lake's events as versions of facts; {lake} is its folder, {dead_letters} its table of them. An event may stand there
-- more than once. A correction that came too late is there too, and changed nothing; when it is sent again, that is a repeat.

-- of each payload only what is used below: DuckDB then reads no more than that
create table work_event as
select event_id, company_id, kind, voided, epoch_us(occurred_at) as occurred, epoch_us(recorded_at) as recorded,
       {'time_entry_id': time_entry.time_entry_id, 'task_id': time_entry.task_id, 'project_id': time_entry.project_id,
        'crew_id': time_entry.crew_id, 'worker_id': time_entry.worker_id, 'minutes': time_entry.minutes,
        'overtime_minutes': time_entry.overtime_minutes, 'phase': time_entry.phase} as time_entry,
       {'task_id': task.task_id, 'project_id': task.project_id, 'crew_id': task.crew_id, 'worker_id': task.worker_id,
        'status': task.status, 'planned_minutes': task.planned_minutes, 'phase': task.phase, 'priority': task.priority,
        'component_id': task.component_id} as task,
       {'defect_id': defect.defect_id, 'task_id': defect.task_id, 'project_id': defect.project_id, 'worker_id': defect.worker_id,
        'phase': defect.phase, 'component_id': defect.component_id} as defect,
       {'project_id': project.project_id, 'started_at': project.started_at} as project,
       {'crew_id': crew_membership.crew_id, 'worker_id': crew_membership.worker_id, 'action': crew_membership.action} as crew_membership,
       {'worker_id': worker.worker_id} as worker,
       kafka_partition, kafka_offset, row_number() over (order by appended_at, kafka_partition, kafka_offset) as arrived
from read_parquet('{lake}/work_events/*/*.parquet', hive_partitioning = false);

delete from work_event w
using (
  select company_id, event_id
  from work_event e
  semi join {dead_letters} d on d.partition = e.kafka_partition and d.offset = e.kafka_offset) late
where late.company_id = w.company_id and late.event_id = w.event_id;

create table version as
select event_id, company_id, kind, time_entry.time_entry_id as fact_id, occurred as occurred_at, recorded as recorded_at, voided,
       time_entry.task_id as task_id, time_entry.project_id as project_id, time_entry.crew_id as crew_id, time_entry.worker_id as worker_id,
       time_entry.minutes as minutes, time_entry.overtime_minutes as overtime_minutes, cast(null as varchar) as status,
       cast(null as double) as planned_minutes, time_entry.phase as phase, cast(null as varchar) as priority,
       cast(null as bigint) as started_at, cast(null as varchar) as action,
       cast(null as varchar) as component_id, arrived
from work_event where kind = 'time_entry';

insert into version by name
select event_id, company_id, kind, task.task_id as fact_id, occurred as occurred_at, recorded as recorded_at, voided,
       task.task_id as task_id, task.project_id as project_id, task.crew_id as crew_id, task.worker_id as worker_id,
       task.status as status, task.planned_minutes as planned_minutes, task.phase as phase, task.priority as priority,
       task.component_id as component_id, arrived
from work_event where kind = 'task'
union all by name
select event_id, company_id, kind, defect.defect_id as fact_id, occurred as occurred_at, recorded as recorded_at, voided,
       defect.task_id as task_id, defect.project_id as project_id, defect.worker_id as worker_id, defect.phase as phase,
       defect.component_id as component_id, arrived
from work_event where kind = 'defect'
union all by name
select event_id, company_id, kind, project.project_id as fact_id, occurred as occurred_at, recorded as recorded_at, voided,
       project.project_id as project_id, epoch_us(project.started_at) as started_at, arrived
from work_event where kind = 'project'
union all by name
select event_id, company_id, kind, crew_membership.crew_id || chr(1) || crew_membership.worker_id as fact_id,
       occurred as occurred_at, recorded as recorded_at, voided,
       crew_membership.crew_id as crew_id, crew_membership.worker_id as worker_id, crew_membership.action as action, arrived
from work_event where kind = 'crew_membership'
union all by name
select event_id, company_id, kind, worker.worker_id as fact_id, occurred as occurred_at, recorded as recorded_at, voided,
       worker.worker_id as worker_id, arrived
from work_event where kind = 'worker';

drop table work_event;
