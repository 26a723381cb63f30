-- From versions of facts and emitted rows to changes: which version stood from which event until which. Input:
-- version, emitted_row. An index is a row's place among its entity's rows.

create table ranked as
select *, row_number() over () as event_no, dense_rank() over (order by company_id, kind, fact_id) as fact_no,
       row_number() over (partition by company_id, kind, fact_id order by recorded_at, event_id) as rank,
       row_number() over (order by occurred_at, event_id) as place
from (select distinct on (company_id, event_id) * from version order by company_id, event_id, arrived);

drop table version;

create table named as
select event_no, kind, 'task' as entity, company_id, task_id as id from ranked where task_id is not null
union all select event_no, kind, 'project', company_id, project_id from ranked where project_id is not null
union all select event_no, kind, 'crew', company_id, crew_id from ranked where crew_id is not null
union all select event_no, kind, 'worker', company_id, worker_id from ranked where worker_id is not null
union all select event_no, kind, 'worker_project', company_id, {pair} from ranked where worker_id is not null and project_id is not null;

create table entity as
select row_number() over () as entity_no, entity, company_id, id, {chosen} as chosen
from (select entity, company_id, id from emitted_row union select entity, company_id, id from named);

create table naming as
select event_no, kind, entity, entity_no from named join entity using (entity, company_id, id);

drop table named;

create table timeline as
select e.entity_no, e.entity, r.row_no, r.sequence, r.as_of, r.event_id, v.event_no, v.recorded_at,
       row_number() over (partition by e.entity_no order by r.sequence, r.as_of, r.row_no) as idx
from emitted_row r join entity e using (entity, company_id, id)
left join ranked v on v.company_id = r.company_id and v.event_id = r.event_id;

drop table emitted_row;

-- What is compared. While a job writes the lake, a row may be there before the event that made it: what follows waits.
create table extent as
select * from (
  select entity_no, coalesce(min(idx) filter ({waits}) - 1, max(idx)) as last_idx from timeline group by entity_no)
where last_idx > 0;

-- A change that names an entity twice (once taken back, once applied) may be one row or two, in either order.
create table step as
select entity_no, event_no, min(idx) as first_idx, max(idx) as last_idx, min(idx) as taken_back_idx, max(idx) as applied_idx
from (select entity_no, sequence, event_no, min(idx) as idx from timeline where event_no is not null group by all)
group by all;

-- What the ledger did: the versions that changed anything, in the order of their arrival. A version of most facts
-- changes something only where it is the greatest so far, so the order of versions is that of arrival. An older
-- version of a task or project may also add to what the standing one knows: its own rows tell when.
create table effective as
select v.*, coalesce(t.arrival, v.rank) as arrival
from ranked v
join (select distinct event_no from step) using (event_no)
left join (
  select s.event_no, s.first_idx as arrival
  from step s
  join entity e using (entity_no)
  join ranked v on v.event_no = s.event_no and v.kind = e.entity and v.fact_id = e.id
  where e.entity in ('task', 'project')
) t using (event_no);

create table standing as
select a.event_no as applied_by, a.ended_by, a.arrival, a.rank, v.event_no, v.fact_no, v.kind, v.occurred_at, v.place
from (
  select fact_no, event_no, arrival,
         max(rank) over so_far as rank,
         lead(event_no) over (partition by fact_no order by arrival, rank) as ended_by
  from effective
  window so_far as (partition by fact_no order by arrival, rank)
) a
join effective v using (fact_no, rank)
where not v.voided;

-- An older version that changed nothing when it arrived may still count once yet another one has: it comes in after
-- the last that changed something and lies before it in the topic.
create table kept_version as
select fact_no, rank, worker_id, status, scope, occurred_at, voided, arrival from effective where kind in ('task', 'project')
union all
select u.fact_no, u.rank, u.worker_id, u.status, u.scope, u.occurred_at, u.voided, 0.5 + coalesce(max(e.arrival), 0)
from ranked u anti join effective using (event_no)
left join effective e on e.fact_no = u.fact_no and e.arrived < u.arrived
where u.kind in ('task', 'project')
group by all;

-- The versions known by then; with one that voids, the fact begins anew.
create table known_version as
select * from (
  select s.applied_by, v.*, coalesce(max(v.rank) filter (v.voided) over (partition by s.applied_by), 0) as begins_after
  from standing s
  join kept_version v on v.fact_no = s.fact_no and v.arrival <= s.arrival and v.rank <= s.rank
  where s.kind in ('task', 'project'))
where rank > begins_after;

-- What they say together.
create table history as
select * from (
  select applied_by, count(*) filter (worker_id <> worker_before) as reassignments,
         count(*) filter (scope <> scope_before) as scope_changes,
         min(occurred_at) filter (status = 'STARTED') as started_at
  from (
    select *, lag(worker_id ignore nulls) over by_rank as worker_before, lag(scope ignore nulls) over by_rank as scope_before
    from known_version
    window by_rank as (partition by applied_by order by rank))
  group by all)
left join (
  select applied_by, count(*) filter (status = 'REOPENED') as reopenings, arg_max(occurred_at, rank) as status_since,
         {status_minutes}
  from (
    select *, greatest(0, lead(occurred_at) over (partition by applied_by order by rank) - occurred_at) as lasted
    from (
      select *, lag(status) over (partition by applied_by order by rank) as status_before from known_version)
    where status is distinct from status_before)
  group by all) using (applied_by);

drop table known_version;

-- The rows that there must be: every change at every entity that the version names which it applies or takes back.
-- Of each fact the newest version must have changed something; where it voids, nothing may stand.
create table due as
with newest as (
  select fact_no, arg_max(event_no, rank) as event_no, arg_max(voided, rank) as voided from ranked group by all)
select s.applied_by as event_no, n.kind, n.entity_no from standing s join naming n using (event_no)
union
select s.ended_by, n.kind, n.entity_no from standing s join naming n using (event_no) where s.ended_by is not null
union
select n.event_no, n.kind, n.entity_no from naming n join newest using (event_no) where not newest.voided
union
select newest.event_no, n.kind, n.entity_no
from newest join standing s on s.fact_no = newest.fact_no and s.ended_by is null join naming n on n.event_no = s.event_no
where newest.voided;

drop table kept_version;
drop table effective;
