-- Grain: one row per test of the kind rate: by how much a count grew a day within the window.
create or replace view claim_test.rate as
select
    test.claim_id, test.place, null::varchar as machine_id, found.population, min(found.period_start) as period_start,
    max(found.period_start) as period_end, 'a day' as unit,
    (arg_max(found.n, found.period_start) - arg_min(found.n, found.period_start))
        / date_diff('day', min(found.period_start), max(found.period_start))::double as value,
    value as value_low, value as value_high, null::double as n, null::double as base,
    bool_or(found.is_preliminary) as is_preliminary, max(found.as_of) as as_of, min(found.source_id) as source_id,
    'adoption' as view_name
from ref.claim_test test
join core.claim_figure found
  on found.series_id = test.series_id and found.framework = test.framework and found.population = test.population
 and found.period_start >= coalesce(test.period_start, found.period_start)
 and found.period_end <= coalesce(test.period_end, found.period_end)
where test.kind = 'rate'
group by test.claim_id, test.place, found.population
having count(distinct found.period_start) > 1;

comment on view claim_test.rate is 'Tests of a stated growth a day.';
comment on column claim_test.rate.value is 'Last count less the first, over the days between them.';
