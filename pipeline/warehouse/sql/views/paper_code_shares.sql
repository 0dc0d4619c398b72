-- Grain: one row per series of paper code, population, span of years, form and framework.
-- Every year is a stratum of its own, drawn at another rate: a sampled link stands for as many links of its list as
-- were there for each one drawn. The share is that of code in links so weighted (ratio estimator of a domain, Cochran
-- 1977, chapters 5A and 6). Its precision is that of an unweighted sample of effective_base repositories: the base
-- over Kish's design effect of unequal weights (Kish 1965, section 11.7). Wilson's interval at that base is the one
-- that Dean & Pagano (2015) and Franco et al. (2019) find sound for surveys; no finite-population correction is
-- made, though up to a fifth of a year's links were drawn.
create or replace view main.paper_code_shares as
with span(first_year, last_year) as (
    select edition_year, edition_year from core.sampled_repository
    union
    values (2019, 2021), (2022, 2023), (2024, 2025)
),
stratum as (
    select
        source_id, series_id, population, edition_year, count(*) as drawn_count,
        count(*) filter (where outcome = 'with code') as code_count,
        count(*) filter (where outcome = 'no code') as no_code_count,
        count(*) filter (where outcome = 'not obtained') as not_obtained_count, max(as_of) as as_of
    from main.sampled_paper_code
    group by all
),
frame as (
    select source_id, edition_year, unnest(['all', research_field]) as population, entries_count
    from core.sampling_frame
),
listed as (
    select source_id, edition_year, population, sum(entries_count) as frame_count
    from frame
    group by all
),
found as (
    select
        source_id, series_id, population, edition_year, 'alone or with another' as form,
        unnest(list_distinct(list_concat(frameworks, families, case when state = 'none' then ['none'] else [] end)))
            as framework
    from main.sampled_paper_code
    where outcome = 'with code'
    union all
    select source_id, series_id, population, edition_year, 'alone', state
    from main.sampled_paper_code
    where outcome = 'with code'
),
-- What the reading found in any year is nought where it was not found.
looked_for as (
    select distinct series_id, form, framework from found
    union
    select series_id, form, unnest([compared_frameworks()[1], compared_frameworks()[2], 'jax', 'none'])
    from (select distinct series_id, form from found)
    union
    select distinct series_id, 'alone', unnest(['both', 'other']) from found
),
cell as (
    select
        stratum.source_id, stratum.series_id, stratum.population, stratum.edition_year, looked_for.form,
        looked_for.framework, stratum.drawn_count, stratum.code_count, stratum.no_code_count,
        stratum.not_obtained_count, listed.frame_count,
        listed.frame_count / stratum.drawn_count as weight, stratum.as_of, count(found.framework) as n
    from stratum
    join listed using (source_id, population, edition_year)
    join looked_for using (series_id)
    left join found
      on found.source_id = stratum.source_id and found.series_id = stratum.series_id
     and found.population = stratum.population and found.edition_year = stratum.edition_year
     and found.form = looked_for.form and found.framework = looked_for.framework
    group by all
)
select
    cell.source_id,
    cell.series_id,
    cell.population,
    make_date(span.first_year::bigint, 1, 1) as period_start,
    make_date(span.last_year::bigint, 12, 31) as period_end,
    span.first_year < span.last_year as is_pooled,
    cell.form,
    cell.framework,
    sum(cell.n) as n,
    sum(cell.code_count) as base,
    -- Years are added up in their order: the last digit of a sum of fractions depends on it.
    sum(cell.weight * cell.n order by cell.edition_year) / sum(cell.weight * cell.code_count order by cell.edition_year)
        as share,
    pow(sum(cell.weight * cell.code_count order by cell.edition_year), 2)
        / sum(pow(cell.weight, 2) * cell.code_count order by cell.edition_year) as effective_base,
    sum(cell.weight * cell.n order by cell.edition_year)
        / sum(cell.weight * (cell.code_count + cell.not_obtained_count) order by cell.edition_year) as bound_low,
    sum(cell.weight * (cell.n + cell.not_obtained_count) order by cell.edition_year)
        / sum(cell.weight * (cell.code_count + cell.not_obtained_count) order by cell.edition_year) as bound_high,
    sum(cell.no_code_count) as no_code_count,
    sum(cell.not_obtained_count) as not_obtained_count,
    sum(cell.drawn_count) as drawn_count,
    sum(cell.frame_count) as frame_count,
    max(cell.as_of) as as_of
from cell
join span on cell.edition_year between span.first_year and span.last_year
group by all
having sum(cell.code_count) > 0;

comment on view main.paper_code_shares is 'How many sampled paper repositories with code use each framework, and their share weighted by the size of each year''s list.';
comment on column main.paper_code_shares.source_id is 'Where the sample comes from.';
comment on column main.paper_code_shares.series_id is 'By what the code is written in, imports or declares.';
comment on column main.paper_code_shares.population is 'all, or the field of the venue: vision, language, other.';
comment on column main.paper_code_shares.period_start is 'First day of the first year.';
comment on column main.paper_code_shares.period_end is 'Last day of the last year.';
comment on column main.paper_code_shares.is_pooled is 'Whether the period is several years together; only then are the weights of any effect.';
comment on column main.paper_code_shares.form is 'alone or with another: every repository that has the framework, so that shares can add to more than one; alone: in exactly one of six states, so that they add to one.';
comment on column main.paper_code_shares.framework is 'Framework or state. tensorflow includes Keras, jax Flax. Alone means without the other of the two that are compared; jax and other alone without both.';
comment on column main.paper_code_shares.n is 'Sampled repositories with it.';
comment on column main.paper_code_shares.base is 'Sampled repositories that hold code.';
comment on column main.paper_code_shares.share is 'n / base with each repository weighted by the links of its year and population for each one drawn; n / base itself for one year.';
comment on column main.paper_code_shares.effective_base is 'Repositories of an unweighted sample of the same precision.';
comment on column main.paper_code_shares.bound_low is 'The share if every repository that could not be obtained held code with something else.';
comment on column main.paper_code_shares.bound_high is 'The share if every repository that could not be obtained held code with this.';
comment on column main.paper_code_shares.no_code_count is 'Links drawn whose repository holds no code.';
comment on column main.paper_code_shares.not_obtained_count is 'Links drawn whose repository could not be obtained.';
comment on column main.paper_code_shares.drawn_count is 'All links drawn.';
comment on column main.paper_code_shares.frame_count is 'All links on the lists, from which was drawn.';
comment on column main.paper_code_shares.as_of is 'Day of the draw.';
