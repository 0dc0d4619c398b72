-- Grain: one row per test of the kind measured and machine: how many of the named frameworks ran in the named mode.
create or replace view claim_test.measured as
select
    test.claim_id, test.place, run.machine_id, any_value(run.machine_title) as population,
    max(run.measured_at)::date as period_start, max(run.measured_at)::date as period_end, 'count' as unit,
    count(distinct run.framework) filter (
        where list_contains(string_split(test.framework, '|'), run.framework)
          and run.mode = coalesce(test.mode, run.mode) and run.outcome = 'measured'
    )::double as value,
    value as value_low, value as value_high, value as n, len(string_split(test.framework, '|'))::double as base,
    false as is_preliminary, max(run.measured_at)::date as as_of, null::varchar as source_id, 'performance' as view_name
from ref.claim_test test
join main.performance run on true
where test.kind = 'measured'
group by test.claim_id, test.place, test.framework, test.mode, run.machine_id;

comment on view claim_test.measured is 'Tests of whether a mode or a backend exists: it ran here, or it did not.';
comment on column claim_test.measured.value is 'How many of the named frameworks had a case measured in the named mode.';
