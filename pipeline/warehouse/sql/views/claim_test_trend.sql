-- Grain: one row per test of the kind trend: the last period over the first of one unbroken segment within the window.
-- Without a population those that have both periods are taken together. A stated growth is tested on its own two periods only.
create or replace view claim_test.trend as
with figure as (
    select
        test.claim_id, test.place, test.measure, found.population, found.break_id, found.period_start,
        found.period_end, found.n::double as n, found.base::double as base,
        case when test.measure = 'n' then found.n else found.share end::double as value,
        case when test.measure = 'n' then found.n
             when found.interval_method in ('none: complete count without a sample', 'none: no random sample') then found.share
             else found.interval_low end::double as low,
        case when test.measure = 'n' then found.n
             when found.interval_method in ('none: complete count without a sample', 'none: no random sample') then found.share
             else found.interval_high end::double as high,
        found.is_preliminary, found.as_of, found.source_id, test.period_start as said_start,
        test.period_end as said_end, test.operator
    from ref.claim_test test
    join core.claim_figure found
      on found.series_id = test.series_id and found.framework = test.framework
     and (test.population is null or found.population = test.population)
    where test.kind = 'trend' and test.measure in ('share', 'n')
    union all by name
    select
        test.claim_id, test.place, test.measure, found.population, found.break_id, found.period_start,
        found.period_end, found.first_n::double as n, found.base::double as base,
        case when test.measure = 'gap' then found.first_n - found.second_n else found.first_share end::double as value,
        case when test.measure = 'gap' then found.first_n - found.second_n
             when found.interval_method in ('none: complete count without a sample', 'none: no random sample') then found.first_share
             else found.interval_low end::double as low,
        case when test.measure = 'gap' then found.first_n - found.second_n
             when found.interval_method in ('none: complete count without a sample', 'none: no random sample') then found.first_share
             else found.interval_high end::double as high,
        found.is_preliminary, found.as_of, found.source_id, test.period_start as said_start,
        test.period_end as said_end, test.operator
    from ref.claim_test test
    join core.claim_pair found
      on found.series_id = test.series_id and found.first = test.framework and found.second = test.other
     and (test.population is null or found.population = test.population)
    where test.kind = 'trend' and test.measure in ('pair', 'gap')
),
ends as (
    select
        claim_id, place, population, break_id, min(period_start) as first_start, max(period_start) as last_start
    from figure
    where value is not null and period_start >= coalesce(said_start, period_start)
      and period_end <= coalesce(said_end, period_end)
    group by claim_id, place, population, break_id
    having count(distinct period_start) > 1
),
paired as (
    select
        ends.claim_id, ends.place, early.measure, early.operator, early.said_start, early.said_end, ends.first_start,
        late.period_end as last_end,
        count(*) as populations_count, any_value(ends.population) as population,
        any_value(early.value) as early_value, any_value(early.low) as early_low, any_value(early.high) as early_high,
        any_value(late.value) as late_value, any_value(late.low) as late_low, any_value(late.high) as late_high,
        sum(early.n) as early_n, sum(early.base) as early_base, sum(late.n) as late_n, sum(late.base) as late_base,
        sum(early.value) as early_sum, sum(late.value) as late_sum,
        bool_or(early.is_preliminary or late.is_preliminary) as is_preliminary, min(late.as_of) as as_of,
        min(late.source_id) as source_id
    from ends
    join figure early
      on early.claim_id = ends.claim_id and early.place = ends.place and early.population = ends.population
     and early.break_id = ends.break_id and early.period_start = ends.first_start
    join figure late
      on late.claim_id = ends.claim_id and late.place = ends.place and late.population = ends.population
     and late.break_id = ends.break_id and late.period_start = ends.last_start
    group by
        ends.claim_id, ends.place, early.measure, early.operator, early.said_start, early.said_end, ends.first_start,
        late.period_end
),
pooled as (
    select
        claim_id, place, operator, said_start, said_end, first_start, last_end, late_n, late_base, is_preliminary,
        as_of, source_id, populations_count,
        case when populations_count = 1 then population else populations_count || ' populations of the series' end
            as population,
        case when populations_count = 1 then early_value when measure in ('n', 'gap') then early_sum
             else early_n / early_base end as early_value,
        case when populations_count = 1 then early_low when measure in ('n', 'gap') then early_sum
             else wilson_low(early_n, early_base) end as early_low,
        case when populations_count = 1 then early_high when measure in ('n', 'gap') then early_sum
             else wilson_high(early_n, early_base) end as early_high,
        case when populations_count = 1 then late_value when measure in ('n', 'gap') then late_sum
             else late_n / late_base end as late_value,
        case when populations_count = 1 then late_low when measure in ('n', 'gap') then late_sum
             else wilson_low(late_n, late_base) end as late_low,
        case when populations_count = 1 then late_high when measure in ('n', 'gap') then late_sum
             else wilson_high(late_n, late_base) end as late_high
    from paired
    where operator <> 'in'
       or (abs(date_diff('day', first_start, said_start)) <= 31 and abs(date_diff('day', last_end, said_end)) <= 31)
    qualify row_number() over (
        partition by claim_id, place order by populations_count desc, last_end - first_start desc, last_end desc
    ) = 1
)
select
    claim_id, place, null::varchar as machine_id, population, first_start as period_start, last_end as period_end,
    'growth' as unit,
    late_value / nullif(early_value, 0) as value,
    late_low / nullif(early_high, 0) as value_low,
    late_high / nullif(early_low, 0) as value_high,
    late_n as n, late_base as base, is_preliminary, as_of, source_id, 'adoption' as view_name
from pooled
where early_value > 0;

comment on view claim_test.trend is 'Tests of a rise or fall between two periods of one unbroken segment.';
comment on column claim_test.trend.value is 'Last value over the first: of a share, a count, a framework''s part of two, or the gap between two counts. The interval lies wholly above 1 only where both intervals are apart.';
