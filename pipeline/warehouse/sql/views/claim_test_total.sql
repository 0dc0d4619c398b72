-- Grain: one row per test of the kind total: a count over all days of the window, from windows that leave days out.
-- A day counts with the mean of the windows that hold it; days in none with nothing, the mean and the highest mean.
-- Counts are whole: the last digits of a sum of fractions depend on its order.
create or replace view claim_test.total as
with day as (
    select
        claim_id, place, series_id, population, framework,
        unnest(generate_series(period_start, period_end, interval 1 day))::date as counted_on
    from ref.claim_test
    where kind = 'total'
),
rate as (
    select
        day.claim_id, day.place, day.population, day.counted_on,
        avg(found.n / (1 + date_diff('day', found.period_start, found.period_end))) as per_day,
        bool_or(found.is_preliminary) as is_preliminary, min(found.as_of) as as_of, min(found.source_id) as source_id
    from day
    left join core.claim_figure found
      on found.series_id = day.series_id and found.framework = day.framework and found.population = day.population
     and day.counted_on between found.period_start and found.period_end
    group by day.claim_id, day.place, day.population, day.counted_on
)
select
    claim_id, place, null::varchar as machine_id, population, min(counted_on) as period_start,
    max(counted_on) as period_end, 'count' as unit, round(avg(per_day) * count(*)) as value,
    round(sum(per_day)) as value_low,
    round(sum(per_day) + max(per_day) * (count(*) - count(per_day))) as value_high, count(per_day)::double as n,
    count(*)::double as base, bool_or(is_preliminary) as is_preliminary, min(as_of) as as_of, min(source_id) as source_id,
    'adoption' as view_name
from rate
group by claim_id, place, population
having count(per_day) >= 0.9 * count(*);

comment on view claim_test.total is 'Tests of a count over a whole span, such as the downloads of a year.';
comment on column claim_test.total.value is 'The count, days that no window holds taken at the mean; its bounds take them at nothing and at the highest mean. n counts the days on record, base all.';
