-- warn: No shipped source holds a fifth fewer records than in the run before
-- Services are judged window by window as they are collected: an unchanged one delivers nothing, and rightly.
with delivered as (
    select
        source_run.source_id, source_run.records_count, run.started_at,
        lag(source_run.records_count) over (partition by source_run.source_id order by run.started_at) as records_before
    from ops.source_run source_run
    join ops.run run on run.run_id = source_run.run_id
    where source_run.state = 'archived'
)
select source_id, records_before, records_count
from delivered
where started_at = newest_run_started_at() and records_count < 0.8 * records_before
order by all
