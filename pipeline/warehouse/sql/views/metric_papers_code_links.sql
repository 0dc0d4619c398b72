-- Grain: one row a population (all, official), year of the paper and framework; the state `none` is a row of its own.
-- A subject is a link: one paper and one repository. The shares of a population and year add to one.
create or replace view metric.papers_code_links as
with chosen as (
    -- The whole dump, once it was collected, in place of the slice that ships: it holds the slice's links.
    select coalesce(max(source_id) filter (where source_id = 'pwc_archive'), 'paper_code_links') as source_id
    from core.paper_label
    where tier = 'code_label'
),
link as (
    select 'all' as population, source_id, ruleset_id, subject_year, subject_id, framework, seen_at
    from core.paper_label
    where source_id = (select chosen.source_id from chosen) and tier = 'code_label' and subject_year is not null
    union all
    select 'official', source_id, ruleset_id, subject_year, subject_id, framework, seen_at
    from core.paper_label
    where source_id = (select chosen.source_id from chosen) and tier = 'code_label' and subject_year is not null
      and is_official
),
year_total as (
    select
        population, source_id, ruleset_id, subject_year,
        count(distinct subject_id) as base,
        count(distinct subject_id) filter (where framework = 'none') as none_count
    from link
    group by population, source_id, ruleset_id, subject_year
),
counted as (
    select population, source_id, ruleset_id, subject_year, framework, count(distinct subject_id) as n,
           max(seen_at)::date as as_of
    from link
    group by population, source_id, ruleset_id, subject_year, framework
)
select
    'papers.code_links' as series_id,
    counted.population,
    make_date(counted.subject_year, 1, 1) as period_start,
    make_date(counted.subject_year, 12, 31) as period_end,
    counted.framework,
    'use' as measure,
    counted.n::bigint as n,
    year_total.base::bigint as base,
    counted.n / year_total.base as share,
    wilson_low(counted.n, year_total.base) as interval_low,
    wilson_high(counted.n, year_total.base) as interval_high,
    'Wilson 95 %' as interval_method,
    -- Code labelled `none` may use any framework without the label having seen it.
    case when counted.framework <> 'none' then counted.n / year_total.base end as bound_low,
    case when counted.framework <> 'none' then (counted.n + year_total.none_count) / year_total.base end as bound_high,
    null::varchar as wording_id,
    segment.break_id,
    counted.as_of,
    counted.source_id,
    counted.ruleset_id,
    false as is_preliminary
from counted
join year_total
  on year_total.population = counted.population and year_total.source_id = counted.source_id
 and year_total.ruleset_id = counted.ruleset_id and year_total.subject_year = counted.subject_year
left join metric.series_segment segment
  on segment.series_id = 'papers.code_links'
 and (segment.population = counted.population
      or (segment.population is null and not list_contains(segment.other_populations, counted.population)))
 and segment.starts_on <= make_date(counted.subject_year, 1, 1)
 and make_date(counted.subject_year, 1, 1) < segment.ends_before;

comment on view metric.papers_code_links is 'Which framework the repositories linked from papers use, as labelled by the publisher of the links.';
comment on column metric.papers_code_links.series_id is 'papers.code_links.';
comment on column metric.papers_code_links.population is 'all links, or official: the authors'' own code.';
comment on column metric.papers_code_links.period_start is '1 January of the paper''s year, which is not the year of the code.';
comment on column metric.papers_code_links.period_end is '31 December of the paper''s year.';
comment on column metric.papers_code_links.framework is 'The label; none: looked at, no framework recognised, which includes code that is no deep learning.';
comment on column metric.papers_code_links.measure is 'use.';
comment on column metric.papers_code_links.n is 'Links with this label. A framework without links in a year has no row.';
comment on column metric.papers_code_links.base is 'All links of the population and year, none included.';
comment on column metric.papers_code_links.share is 'n / base.';
comment on column metric.papers_code_links.interval_low is 'Lower end of the 95 % Wilson interval, as if the slice were a random sample, which it is not.';
comment on column metric.papers_code_links.interval_high is 'Upper end of the 95 % Wilson interval, as if the slice were a random sample, which it is not.';
comment on column metric.papers_code_links.interval_method is 'Wilson 95 %.';
comment on column metric.papers_code_links.bound_low is 'Share if no link labelled none used this framework; null for none itself.';
comment on column metric.papers_code_links.bound_high is 'Share if every link labelled none used this framework; null for none itself.';
comment on column metric.papers_code_links.wording_id is 'Null: no survey.';
comment on column metric.papers_code_links.break_id is 'The segment of the series.';
comment on column metric.papers_code_links.as_of is 'Day of the snapshot.';
comment on column metric.papers_code_links.source_id is 'Where the figure comes from.';
comment on column metric.papers_code_links.ruleset_id is 'Who labelled.';
comment on column metric.papers_code_links.is_preliminary is 'Always false.';
