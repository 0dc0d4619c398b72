-- Grain: one row per test of the kind same_day: on how many days of the window two stated counts hold together.
create or replace view claim_test.same_day as
with figure as (
    select
        test.claim_id, test.place, found.population, found.period_start, found.period_end, found.as_of, found.source_id,
        found.first_n between test.first_figure * tolerance.low_factor and test.first_figure * tolerance.high_factor
            as is_first,
        found.second_n between test.second_figure * tolerance.low_factor and test.second_figure * tolerance.high_factor
            as is_second
    from ref.claim_test test
    join ref.claim said on said.claim_id = test.claim_id
    join ref.claim_tolerance tolerance
      on tolerance.tolerance_class = coalesce(test.tolerance_class, said.tolerance_class)
    join core.claim_pair found
      on found.series_id = test.series_id and found.first = test.framework and found.second = test.other
     and found.period_end >= coalesce(test.period_start, found.period_end)
     and found.period_start <= coalesce(test.period_end, found.period_start)
    where test.kind = 'same_day'
)
select
    claim_id, place, null::varchar as machine_id, any_value(population) as population,
    min(period_start) as period_start, max(period_end) as period_end, 'days' as unit,
    count(*) filter (where is_first and is_second)::double as value,
    count(*) filter (where is_first and is_second)::double as value_low,
    count(*) filter (where is_first and is_second)::double as value_high,
    count(*) filter (where is_first and is_second)::double as n, count(*)::double as base, false as is_preliminary,
    max(as_of) as as_of, min(source_id) as source_id, 'pairwise' as view_name
from figure
group by claim_id, place
-- Each must hold on some day by itself, or the record says nothing of both.
having bool_or(is_first) and bool_or(is_second);

comment on view claim_test.same_day is 'Tests of two counts that are said to hold at one time.';
comment on column claim_test.same_day.value is 'Days on record on which both hold within the tolerance; base counts the days on record.';
