-- Grain: one row per series, population, period and ordered pair of deep-learning frameworks that both have a figure.
-- In a survey a respondent may name both. Where the single answers are known the interval is that of people: each is
-- one draw, whatever he ticks. Where they are not, it is the widest one, which holds if nobody named both: the fewer
-- named both, the wider it is. Where shares are weighted so is this one, and the sum of both counts shrinks by the
-- design effect of the whole sample. Without a random sample there is no interval. Of a complete count the greater number
-- leads; of what merely was not drawn at random it leads where a random sample of that size would show as much.
create or replace view main.pairwise as
with left_out as (
    select coalesce(list(framework), []) as frameworks
    from ref.framework
    where not is_deep_learning or kind not in ('framework', 'front-end')
),
contender as (
    select
        series_id,
        -- Stars belong to one repository each, so that no two frameworks share a population.
        case when measure = 'stars' then 'the frameworks'' own repositories' else population end as population,
        period_start, period_end, measure, framework,
        -- A count that is missing on one row makes the sum unknown, not smaller.
        case when bool_and(n is not null) then sum(n) end::bigint as n,
        sum(share) as share, min(base) as subjects_count, min(interval_method) as interval_method,
        bool_and(interval_method in ('none: complete count without a sample', 'none: no random sample'))
            as is_counted,
        min(break_id) as break_id, min(as_of) as as_of, min(source_id) as source_id,
        bool_or(is_preliminary) as is_preliminary, min(effective_base / base) as effective_fraction
    from main.adoption
    cross join left_out
    -- Opinions are shares of each framework's own users: two of them have no common whole.
    where not list_contains(left_out.frameworks, framework) and measure <> 'opinion'
    group by series_id, 2, period_start, period_end, measure, framework
),
placed as (
    select
        series_id, population, period_start, period_end, measure, framework, n, share, subjects_count,
        interval_method, is_counted, break_id, as_of, source_id, is_preliminary, effective_fraction,
        row_number() over (
            partition by series_id, population, period_start, period_end, measure
            order by coalesce(share, n) desc, framework
        ) as place
    from contender
),
answered as (
    select
        'survey.' || survey as series_id, unnest([respondent_group, 'all respondents']) as population,
        make_date(edition_year, 1, 1) as period_start,
        list_filter(string_split(combination, '|'), lambda each: not list_contains(frameworks, each)) as options,
        sum(n) as n
    from main.survey_combinations
    cross join left_out
    where is_answer
    group by series_id, population, period_start, options
),
jointly_known as (
    select distinct series_id, population, period_start from answered
),
together as (
    select series_id, population, period_start, one.framework as first, other.framework as second, sum(n) as both_n
    from answered, unnest(options) as one(framework), unnest(options) as other(framework)
    where one.framework <> other.framework
    group by series_id, population, period_start, first, second
),
pair as (
    select
        one.series_id, one.population, one.period_start, one.period_end, one.measure, one.framework as first,
        other.framework as second, one.place as first_place, other.place as second_place, one.n as first_n,
        other.n as second_n, case when one.n is not null and other.n is not null then one.n + other.n end as base,
        case when jointly_known.series_id is not null then coalesce(together.both_n, 0) end::bigint as both_n,
        one.subjects_count, one.share as first_alone, other.share as second_alone, one.interval_method,
        one.is_counted and other.is_counted as is_counted, one.break_id, least(one.as_of, other.as_of) as as_of,
        one.source_id, one.is_preliminary or other.is_preliminary as is_preliminary,
        least(one.effective_fraction, other.effective_fraction) as effective_fraction
    from placed one
    join placed other
      on other.series_id = one.series_id and other.population = one.population and other.measure = one.measure
     and other.period_start = one.period_start and other.period_end = one.period_end
     and other.framework <> one.framework
    left join jointly_known
      on jointly_known.series_id = one.series_id and jointly_known.population = one.population
     and jointly_known.period_start = one.period_start
    left join together
      on together.series_id = one.series_id and together.population = one.population
     and together.period_start = one.period_start and together.first = one.framework
     and together.second = other.framework
),
shared as (
    select
        series_id, population, period_start, period_end, measure, first, second, first_place, second_place, first_n,
        second_n, base, both_n, subjects_count, interval_method, is_counted, break_id, as_of, source_id, is_preliminary,
        effective_fraction * base as effective_base,
        case
            when effective_fraction is not null or base is null
                then first_alone / nullif(first_alone + second_alone, 0)
            else first_n / nullif(base, 0)
        end as first_share
    from pair
),
measured as (
    select
        series_id, population, period_start, period_end, measure, first, second, first_place, second_place, first_n,
        second_n, base, both_n, subjects_count, first_share, interval_method, is_counted, break_id, as_of, source_id, is_preliminary,
        effective_base, 1.959963984540054 * sqrt(
            (first_n - both_n) * pow(1 - first_share, 2) + (second_n - both_n) * pow(first_share, 2)
            + both_n * pow(1 - 2 * first_share, 2)
        ) / nullif(base, 0) as half_width
    from shared
),
ranged as (
    select
        series_id, population, period_start, period_end, measure, first, second, first_place, second_place, first_n,
        second_n, base, both_n, subjects_count, first_share,
        case
            when is_counted then null
            when half_width is not null and both_n > 0 then greatest(0, first_share - half_width)
            else wilson_low(first_share * coalesce(effective_base, base), coalesce(effective_base, base))
        end as interval_low,
        case
            when is_counted then null
            when half_width is not null and both_n > 0 then least(1, first_share + half_width)
            else wilson_high(first_share * coalesce(effective_base, base), coalesce(effective_base, base))
        end as interval_high,
        case
            when is_counted or base is null or effective_base > 0 then interval_method
            when base = 0 then 'none: neither was found'
            when both_n > 0 then '95 %, each respondent once'
            when both_n = 0 or measure <> 'respondents' then 'Wilson 95 %'
            else 'bounds: 95 %, however many named both'
        end as interval_method,
        is_counted, break_id, as_of, source_id, is_preliminary
    from measured
)
select
    ranged.series_id,
    ranged.population,
    period_start,
    period_end,
    ranged.measure,
    first,
    second,
    first_place,
    second_place,
    first_n,
    second_n,
    base,
    both_n,
    subjects_count,
    first_share,
    interval_low,
    interval_high,
    interval_method,
    case
        -- A subject may name both: at least as many as the greater count name one of the two.
        when greatest(first_n, second_n) < series.verdict_base then 'cannot tell'
        when is_counted and ranged.interval_method = 'none: no random sample' then case
            when wilson_low(first_n, base) > 0.5 then first
            when wilson_high(first_n, base) < 0.5 then second
            else 'cannot tell'
        end
        when interval_low > 0.5 or (is_counted and first_n > second_n) then first
        when interval_high < 0.5 or (is_counted and first_n < second_n) then second
        else 'cannot tell'
    end as leader,
    break_id,
    as_of,
    ranged.source_id,
    is_preliminary
from ranged
left join ref.series series on series.series_id = ranged.series_id;

comment on view main.pairwise is 'Any deep-learning framework against any other, wherever one series has a figure for both in the same population and period; each pair stands here in both orders. two_way is one of these pairs.';
comment on column main.pairwise.series_id is 'The series; see series.';
comment on column main.pairwise.population is 'Of whom or what; for stars the frameworks'' own repositories.';
comment on column main.pairwise.period_start is 'First day of the period.';
comment on column main.pairwise.period_end is 'Last day of the period.';
comment on column main.pairwise.measure is 'What is counted, as in adoption.';
comment on column main.pairwise.first is 'The framework whose part first_share is.';
comment on column main.pairwise.second is 'The framework that it is set against.';
comment on column main.pairwise.first_place is 'Place of the first among all deep-learning frameworks of the series, population and period: 1 has most.';
comment on column main.pairwise.second_place is 'Place of the second.';
comment on column main.pairwise.first_n is 'Count for the first; null where only a percentage was published.';
comment on column main.pairwise.second_n is 'Count for the second; null where only a percentage was published.';
comment on column main.pairwise.base is 'Both counts together; a subject that names both is in it twice.';
comment on column main.pairwise.both_n is 'Respondents who named both; null where single answers are not known.';
comment on column main.pairwise.subjects_count is 'All subjects that were asked or counted; null where there is no honest denominator.';
comment on column main.pairwise.first_share is 'Part of the first of the two together, 0 to 1; from the published or weighted shares where the counts do not give it.';
comment on column main.pairwise.interval_low is 'Lower end of the 95 % interval of first_share; null where interval_method says why.';
comment on column main.pairwise.interval_high is 'Upper end of the 95 % interval of first_share.';
comment on column main.pairwise.interval_method is 'How the interval was made, or why there is none. "each respondent once": every person is one draw, whether he named one or both. "bounds": the widest interval over any number of people who named both.';
comment on column main.pairwise.leader is 'The one of the two on whose side the whole interval lies, of a complete count the greater one, of what was not drawn at random the one that a random sample of that size would show to lead; else: cannot tell. A series may demand a least count of subjects for any verdict; see verdict_base in series.';
comment on column main.pairwise.break_id is 'The segment of the series; only figures of one segment compare.';
comment on column main.pairwise.as_of is 'The older of the two figures'' days.';
comment on column main.pairwise.source_id is 'Where the figures come from.';
comment on column main.pairwise.is_preliminary is 'True where either figure is preliminary.';
