-- Contributions: which version counted at which entity, from which of its rows until which.

create or replace table counted as
select n.entity_no, n.entity, s.*, a.applied_idx as from_idx, coalesce(b.taken_back_idx, 9000000000000) as until_idx
from standing s
join naming n using (event_no)
join step a on a.entity_no = n.entity_no and a.event_no = s.applied_by
left join step b on b.entity_no = n.entity_no and b.event_no = s.ended_by;

-- Minutes logged on a task, row by row of the task.
create or replace table logged as
select entity_no, idx, sum(sum(d)) over (partition by entity_no order by idx) as minutes
from (
  select entity_no, from_idx as idx, minutes as d from counted where entity = 'task' and kind = 'time_entry'
  union all select entity_no, until_idx, -minutes from counted where entity = 'task' and kind = 'time_entry'
)
group by entity_no, idx;

-- How a finished task compares with its plan, as of the row of the task that the same change made. Real numbers are
-- kept in millionths.
create or replace table finished as
select applied_by, logged > cast(1.25 as double) * planned_minutes as overran,
       cast(round(cast(1e6 as double) * case when logged > cast(4 as double) * planned_minutes then cast(4 as double) else logged / planned_minutes end) as bigint) as effort
from (
  select c.applied_by, c.planned_minutes, cast(coalesce(l.minutes, 0) as double) as logged
  from (select * from counted where entity = 'task' and kind = 'task' and status = 'COMPLETED' and planned_minutes > 0) c
asof left join logged l on l.entity_no = c.entity_no and l.idx <= c.from_idx
);

create or replace table contribution as
select c.* replace (coalesce(h.started_at, c.started_at) as started_at), coalesce(h.reassignments, 0) as reassignments,
       f.overran, f.effort
from counted c
left join finished f using (applied_by)
left join history h using (applied_by)
where c.from_idx < c.until_idx;

-- The version that a row is about: the one that its change applied, else the one that it took back.
create or replace table subject as
select entity_no, idx, phase, component_id, project_id
from (
  select *, row_number() over (partition by entity_no, idx order by taken_back) as place
  from (
    select entity_no, from_idx as idx, phase, component_id, project_id, false as taken_back from counted
    union all select entity_no, until_idx, phase, component_id, project_id, true from counted where until_idx < 9000000000000)
)
where place = 1;

drop table counted;
