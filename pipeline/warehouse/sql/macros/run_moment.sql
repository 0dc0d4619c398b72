-- When the newest run started. Whether a figure is stale is judged against it, never against the clock, so that the
-- same database always gives the same answer. Null before the first run.
create or replace macro newest_run_started_at() as (select max(started_at) from ops.run);

-- The last day that the newest run has seen: a run may pass midnight, and what it collects then is not of the future.
create or replace macro newest_run_day() as (
    select arg_max(greatest(started_at, coalesce(finished_at, started_at), coalesce(checked_at, started_at)), started_at)::date
    from ops.run
);
