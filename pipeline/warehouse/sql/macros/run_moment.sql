-- When the newest run started. Whether a figure is stale or in the future is judged against it, never against
-- the clock, so that the same database always gives the same answer. Null before the first run.
create or replace macro newest_run_started_at() as (select max(started_at) from ops.run);
