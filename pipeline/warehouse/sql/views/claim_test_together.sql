-- Grain: one row per test of the kind together and period: the share of those who named at least one of several frameworks.
-- Where the survey's answers are on file by combination it is counted; else it lies between the greatest share and the sum.
create or replace view claim_test.together as
with asked as (
    select claim_id, place, series_id, population, string_split(framework, '|') as frameworks
    from ref.claim_test
    where kind = 'together'
),
counted as (
    select
        asked.claim_id, asked.place, asked.population, make_date(found.edition_year, 1, 1) as period_start,
        make_date(found.edition_year, 12, 31) as period_end,
        sum(found.n) filter (found.is_answer and list_has_any(string_split(found.combination, '|'), asked.frameworks))::double as n,
        sum(found.n) filter (found.is_answer)::double as base,
        false as is_preliminary, min(found.as_of) as as_of, min(found.source_id) as source_id
    from asked
    join main.survey_combinations found
      on 'survey.' || found.survey = asked.series_id
     and (asked.population = 'all respondents' or found.respondent_group = asked.population)
    group by asked.claim_id, asked.place, asked.population, found.edition_year
),
bounded as (
    select
        asked.claim_id, asked.place, asked.population, found.period_start, found.period_end, max(found.share) as low,
        least(1, round(sum(found.share), 12)) as high, bool_or(found.is_preliminary) as is_preliminary,
        min(found.as_of) as as_of, min(found.source_id) as source_id
    from asked
    join core.claim_figure found
      on found.series_id = asked.series_id and found.population = asked.population
     and list_contains(asked.frameworks, found.framework)
    where not exists (
        from counted where counted.claim_id = asked.claim_id and counted.period_start = found.period_start
    )
    group by asked.claim_id, asked.place, asked.population, asked.frameworks, found.period_start, found.period_end
    having count(found.share) = len(asked.frameworks)
)
select
    claim_id, place, null::varchar as machine_id, population, period_start, period_end, 'share' as unit, n / base as value,
    wilson_low(n, base) as value_low, wilson_high(n, base) as value_high, n, base, is_preliminary, as_of, source_id,
    'survey_combinations' as view_name
from counted
union all by name
select
    claim_id, place, null::varchar as machine_id, population, period_start, period_end, 'share' as unit, high as value,
    low as value_low, high as value_high, null::double as n, null::double as base, is_preliminary, as_of, source_id,
    'adoption' as view_name
from bounded;

comment on view claim_test.together is 'Tests of a share that is stated of several frameworks together.';
comment on column claim_test.together.value is 'Share of those who named at least one; where only the shares of each are known, their sum, with the bounds in place of an interval.';
