-- Grain: one row per test of the kind measured and machine: how many of the named frameworks ran in the named mode.
-- One that is not installed, or that a run left out or had no time for, may run or not: it is within the bounds. A
-- machine that tried none of them says nothing.
create or replace view claim_test.measured as
with tried as (
    select
        test.claim_id, test.place, len(string_split(test.framework, '|')) as named_count, run.machine_id,
        run.framework, any_value(run.machine_title) as machine_title, max(run.measured_at)::date as measured_on,
        bool_or(run.outcome = 'measured') as has_run
    from ref.claim_test test
    join main.performance run
      on list_contains(string_split(test.framework, '|'), run.framework) and run.mode = coalesce(test.mode, run.mode)
    where test.kind = 'measured' and run.outcome in ('measured', 'unsupported', 'outputs differ', 'crashed', 'failed')
    group by test.claim_id, test.place, test.framework, run.machine_id, run.framework
)
select
    claim_id, place, machine_id, any_value(machine_title) as population, max(measured_on) as period_start,
    max(measured_on) as period_end, 'count' as unit, count(*) filter (where has_run)::double as value,
    value as value_low, (any_value(named_count) - count(*) filter (where not has_run))::double as value_high,
    value as n, any_value(named_count)::double as base, false as is_preliminary, max(measured_on) as as_of,
    null::varchar as source_id, 'performance' as view_name
from tried
group by claim_id, place, machine_id;

comment on view claim_test.measured is 'Tests of whether a mode or a backend exists: it ran here, or it did not.';
comment on column claim_test.measured.value is 'How many of the named frameworks had a case measured in the named mode.';
comment on column claim_test.measured.value_high is 'With those that were not tried.';
