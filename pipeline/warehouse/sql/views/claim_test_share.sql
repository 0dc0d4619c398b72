-- Grain: one row per test of the kind share and period: the share of one framework, or of papers that name one at all.
-- Without a population all of the series are taken together.
create or replace view claim_test.share as
with figure as (
    select
        test.claim_id, test.place, coalesce(test.population, 'all populations of the series') as population,
        found.period_start, found.period_end, test.measure,
        count(*) as populations_count,
        sum(found.n)::double as n,
        sum(found.base)::double as base,
        -- bound_low is the count over all papers, silent ones included.
        sum(found.n / nullif(found.bound_low, 0)) as papers,
        any_value(found.share) as share,
        any_value(found.interval_low) as interval_low,
        any_value(found.interval_high) as interval_high,
        bool_or(found.is_preliminary) as is_preliminary,
        min(found.as_of) as as_of,
        min(found.source_id) as source_id
    from ref.claim_test test
    join core.claim_figure found
      on found.series_id = test.series_id and found.framework = test.framework
     and (test.population is null or found.population = test.population)
    where test.kind = 'share' and found.share is not null
    group by test.claim_id, test.place, test.population, found.period_start, found.period_end, test.measure
),
counted as (
    select
        claim_id, place, population, period_start, period_end, is_preliminary, as_of, source_id,
        case when measure = 'named' then base else n end as n,
        case when measure = 'named' then round(papers) else base end as base,
        case when measure is distinct from 'named' and populations_count = 1 then share end as share,
        case when measure is distinct from 'named' and populations_count = 1 then interval_low end as interval_low,
        case when measure is distinct from 'named' and populations_count = 1 then interval_high end as interval_high
    from figure
)
select
    claim_id, place, null::varchar as machine_id, population, period_start, period_end, 'share' as unit,
    coalesce(share, n / base) as value,
    coalesce(interval_low, case when share is null then wilson_low(n, base) end, share) as value_low,
    coalesce(interval_high, case when share is null then wilson_high(n, base) end, share) as value_high,
    n, base, is_preliminary, as_of, source_id, 'adoption' as view_name
from counted
where coalesce(share, n / base) is not null;

comment on view claim_test.share is 'Tests of a stated share: the share of a framework in a series and population, at every period on file.';
comment on column claim_test.share.value is 'Share, 0 to 1; of the measure named: papers that name either compared framework, of all papers.';
