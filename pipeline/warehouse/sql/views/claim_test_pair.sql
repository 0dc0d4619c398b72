-- Grain: one row per test of the kind pair and period: one framework against another in the same series.
-- Without a population all of the series that hold both are taken together.
create or replace view claim_test.pair as
with figure as (
    select
        test.claim_id, test.place, test.measure, coalesce(test.population, 'all populations of the series') as population,
        found.period_start, found.period_end,
        count(*) as populations_count,
        sum(found.first_n)::double as first_n,
        sum(found.base)::double as base,
        any_value(found.first_share) as share,
        any_value(found.interval_low) as interval_low,
        any_value(found.interval_high) as interval_high,
        bool_and(found.interval_method in ('none: complete count without a sample', 'none: no random sample')) as is_counted,
        bool_or(found.is_preliminary) as is_preliminary,
        min(found.as_of) as as_of,
        min(found.source_id) as source_id
    from ref.claim_test test
    join core.claim_pair found
      on found.series_id = test.series_id and found.first = test.framework and found.second = test.other
     and (test.population is null or found.population = test.population)
    where test.kind = 'pair'
    group by test.claim_id, test.place, test.measure, test.population, found.period_start, found.period_end
),
shared as (
    select
        claim_id, place, measure, population, period_start, period_end, first_n, base, is_preliminary, as_of, source_id,
        case when populations_count = 1 then share else first_n / base end as share,
        case when is_counted then first_n / base when populations_count = 1 then interval_low
             else wilson_low(first_n, base) end as low,
        case when is_counted then first_n / base when populations_count = 1 then interval_high
             else wilson_high(first_n, base) end as high
    from figure
)
select
    claim_id, place, null::varchar as machine_id, population, period_start, period_end,
    case when measure = 'ratio' then 'ratio' else 'share of both' end as unit,
    case when measure = 'ratio' then share / nullif(1 - share, 0) else share end as value,
    case when measure = 'ratio' then low / nullif(1 - low, 0) else low end as value_low,
    case when measure = 'ratio' then high / nullif(1 - high, 0) else high end as value_high,
    first_n as n, base, is_preliminary, as_of, source_id, 'pairwise' as view_name
from shared
where share is not null;

comment on view claim_test.pair is 'Tests of which of two frameworks is ahead, or by how many times, at every period on file.';
comment on column claim_test.pair.value is 'Part of the framework in both together, 0 to 1; of the measure ratio: its count over the other''s.';
