-- Grain: one row per test of the kind count, inside its window and outside: the day on which the count is nearest to what was said.
create or replace view claim_test.count as
with figure as (
    select
        test.claim_id, test.place, test.low as said, found.population, found.period_start, found.period_end,
        case when test.measure = 'base' then found.base else found.n end::double as value,
        found.is_preliminary, found.as_of, found.source_id,
        found.period_end >= coalesce(test.period_start, found.period_end)
            and found.period_start <= coalesce(test.period_end, found.period_start) as is_inside
    from ref.claim_test test
    join core.claim_figure found
      on found.series_id = test.series_id and found.framework = test.framework and found.population = test.population
    where test.kind = 'count'
)
select
    claim_id, place, null::varchar as machine_id, population, period_start, period_end, 'count' as unit, value,
    value as value_low, value as value_high, value as n, null::double as base, is_preliminary, as_of, source_id,
    'adoption' as view_name
from figure
where value is not null
qualify row_number() over (partition by claim_id, place, is_inside order by abs(value - said), period_start desc) = 1;

comment on view claim_test.count is 'Tests of a stated count: is there a day on which it holds?';
comment on column claim_test.count.value is 'The count on the day on which it is nearest to what was said; of the measure base: how many were asked.';
