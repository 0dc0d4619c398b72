-- Grain: one row per population (all, official), year of the paper and framework; the state `none` is a row of its own.
-- A subject is a link: one paper and one repository. The shares of a population and year add to one.
create or replace view metric.papers_code_links as
with link as (
    select
        population, source_id, ruleset_id, subject_year, subject_id, framework, seen_at,
        count(distinct subject_id) over edition as base,
        count(distinct subject_id) filter (where framework = 'none') over edition as none_count
    from core.paper_label, unnest(if(is_official, ['all', 'official'], ['all'])) as of_whom(population)
    -- The whole dump, once it was collected, in place of the slice that ships: it holds the slice's links.
    where tier = 'code_label' and subject_year is not null and source_id = (
        select coalesce(max(source_id) filter (where source_id = 'pwc_archive'), 'paper_code_links')
        from core.paper_label where tier = 'code_label'
    )
    window edition as (partition by population, source_id, ruleset_id, subject_year)
)
select
    'papers.code_links' as series_id, population, make_date(subject_year, 1, 1) as period_start,
    make_date(subject_year, 12, 31) as period_end, framework, 'use' as measure, count(distinct subject_id) as n, base,
    -- Code labelled `none` may use any framework without the label having seen it.
    case when framework <> 'none' then n / base end as bound_low,
    case when framework <> 'none' then (n + none_count) / base end as bound_high,
    max(seen_at)::date as as_of, source_id, ruleset_id
from link
group by population, subject_year, framework, base, none_count, source_id, ruleset_id;

comment on view metric.papers_code_links is 'Which framework the repositories linked from papers use, as labelled by the publisher of the links.';
comment on column metric.papers_code_links.population is 'all links, or official: the authors'' own code.';
comment on column metric.papers_code_links.period_start is '1 January of the paper''s year, which is not the year of the code.';
comment on column metric.papers_code_links.framework is 'The label; none: looked at, no framework recognised, which includes code that is no deep learning.';
comment on column metric.papers_code_links.n is 'Links with this label. A framework without links in a year has no row.';
comment on column metric.papers_code_links.base is 'All links of the population and year, none included.';
comment on column metric.papers_code_links.bound_low is 'Share if no link labelled none used this framework; null for none itself.';
comment on column metric.papers_code_links.bound_high is 'Share if every link labelled none used this framework; null for none itself.';
