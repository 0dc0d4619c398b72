-- Grain: one row per test of the kind compile and machine: seconds that compiling and the first step take.
create or replace view claim_test.compile as
select
    test.claim_id, test.place, run.machine_id, any_value(run.machine_title) as population,
    max(run.measured_at)::date as period_start, max(run.measured_at)::date as period_end, 's' as unit,
    median(run.compile_seconds) as value, min(run.compile_seconds) as value_low, max(run.compile_seconds) as value_high,
    count(*)::double as n, count(*)::double as base, false as is_preliminary, max(run.measured_at)::date as as_of,
    null::varchar as source_id, 'performance' as view_name
from ref.claim_test test
join main.performance run
  on run.framework = test.framework and run.mode = test.mode and regexp_matches(run.case_name, coalesce(test.cases, ''))
 and run.size = coalesce(test.size, run.size)
where test.kind = 'compile' and run.compile_seconds is not null
group by test.claim_id, test.place, run.machine_id;

comment on view claim_test.compile is 'Tests of how long compiling takes.';
comment on column claim_test.compile.value is 'Median seconds of build and first step over the cases; the interval is the least and the greatest.';
