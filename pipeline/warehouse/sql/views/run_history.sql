-- Grain: one row per run.
create or replace view main.run_history as
with source_count as (
    select
        run_id, count(*) as sources, count(*) filter (where state = 'failed') as failed_sources,
        sum(records_count)::bigint as records, sum(rejects_count)::bigint as rejects
    from ops.source_run
    group by run_id
),
held as (
    select coalesce(sum(records), 0)::bigint as records, count(*) filter (where records > 0) as sources from main.source_health
),
check_count as (
    select
        run_id,
        count(*) filter (where severity = 'fail' and offenders_count > 0) as failed_checks,
        count(*) filter (where severity = 'warn' and offenders_count > 0) as warnings
    from ops.check_result
    group by run_id
)
select
    run.run_id,
    run.started_at,
    run.finished_at,
    date_diff('second', run.started_at, run.finished_at) as run_seconds,
    run.mode,
    run.outcome,
    run.message,
    coalesce(source_count.sources, 0) as sources,
    coalesce(source_count.failed_sources, 0) as failed_sources,
    coalesce(source_count.records, 0) as records,
    held.records as records_held,
    held.sources as sources_held,
    coalesce(source_count.rejects, 0) as rejects,
    check_count.failed_checks,
    check_count.warnings
from ops.run run
left join source_count on source_count.run_id = run.run_id
left join check_count on check_count.run_id = run.run_id
left join held on run.started_at = newest_run_started_at();

comment on view main.run_history is 'Every run of the pipeline and how it ended.';
comment on column main.run_history.run_id is 'Identifier of the run.';
comment on column main.run_history.started_at is 'When it started (UTC).';
comment on column main.run_history.finished_at is 'When it ended (UTC); null for a run that was interrupted or is under way.';
comment on column main.run_history.run_seconds is 'How long it took; null without an end.';
comment on column main.run_history.mode is 'What was asked for, e.g. offline.';
comment on column main.run_history.outcome is 'running, complete, with gaps (a source failed, its old figures stay), failed or interrupted.';
comment on column main.run_history.message is 'What went wrong; null when nothing did.';
comment on column main.run_history.sources is 'Sources that were loaded or asked, or that could not be asked.';
comment on column main.run_history.failed_sources is 'Sources that failed.';
comment on column main.run_history.records is 'Records read by this run from all sources; those of one source are records_read in source_health.';
comment on column main.run_history.records_held is 'Of the newest run: records held of all sources, read by whichever run; the sum of records in source_health. Null for earlier runs.';
comment on column main.run_history.sources_held is 'Of the newest run: sources of which any record is held; null for earlier runs.';
comment on column main.run_history.rejects is 'Rows that were refused and set aside.';
comment on column main.run_history.failed_checks is 'Checks that stop publishing and found offenders; null where no check ran.';
comment on column main.run_history.warnings is 'Checks that only warn and found offenders; null where no check ran.';
