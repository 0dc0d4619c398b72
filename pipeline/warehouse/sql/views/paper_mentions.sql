-- Grain: one row per series, population, period, paper and framework.
-- Every paper that the detector read for a series of mentions, under the rules that its figures rest on; a paper that
-- names several frameworks has several rows, one that names none has the framework none.
create or replace view main.paper_mentions as
with label as (
    select
        source_id, paper_id, framework, ruleset_id, venue, subject_year, seen_at::date as read_on,
        -- arxiv:2611.01234 is of November 2026.
        if(
            regexp_matches(paper_id, '^arxiv:[0-9]{2}(0[1-9]|1[0-2])[.]'),
            try_strptime('20' || substr(paper_id, 7, 4) || '01', '%Y%m%d')::date, null
        ) as month_start
    from core.paper_label
    where tier = 'mention' and source_id in ('arxiv', 'arxiv_full_text', 'hub_daily_papers', 'proceedings')
),
placed as (
    -- Papers found by a framework's name, at the month of their first version.
    select distinct
        paper.source_id, paper.paper_id, 'papers.arxiv_mentions' as series_id,
        replace(counted.subject, ' ', ', ') as population, counted.period_start, counted.period_end,
        null::date as rules_of, null::date as listed_on
    from core.period_count counted
    join core.paper paper
      on paper.source_id = counted.source_id and paper.submitted_on between counted.period_start and counted.period_end
     and list_has_any(string_split(paper.categories, ' '), string_split(counted.subject, ' '))
    where counted.source_id = 'arxiv' and counted.measure = 'papers' and counted.framework is null
    union all
    select distinct
        source_id, paper_id, 'papers.full_text_mentions', 'papers of cs.LG, cs.CV and cs.CL', month_start,
        last_day(month_start), month_start, null
    from label where source_id = 'arxiv_full_text' and month_start is not null
    union all
    -- The list began in May 2023: of older papers a few were handed in, years after their month.
    select distinct
        source_id, paper_id, 'papers.hub_daily_mentions', 'daily papers, titles and abstracts', month_start,
        last_day(month_start), month_start, null
    from label where source_id = 'hub_daily_papers' and month_start >= '2023-05-01'
    union all
    select distinct
        label.source_id, label.paper_id, 'papers.proceedings_mentions', edition.population,
        make_date(edition.edition_year, 1, 1), make_date(edition.edition_year, 12, 31), null::date, edition.listed_on
    from (
        select
            source_id, venue, edition_year, max(seen_at)::date as listed_on,
            venue || case when bool_or(abstract is not null) then ', titles and abstracts' else ', titles' end
                as population
        from core.paper where source_id = 'proceedings' group by source_id, venue, edition_year
    ) edition
    join label
      on label.source_id = edition.source_id and label.venue = edition.venue
     and label.subject_year = edition.edition_year
),
-- While papers are read anew under changed rules, those count under which most were read: in all, or where a night's
-- sample is read once and never again, in that month.
rules as (
    select placed.source_id, placed.rules_of, label.ruleset_id
    from placed
    join label on label.source_id = placed.source_id and label.paper_id = placed.paper_id
    group by placed.source_id, placed.rules_of, label.ruleset_id
    qualify row_number() over (
        partition by placed.source_id, placed.rules_of order by count(distinct placed.paper_id) desc, label.ruleset_id
    ) = 1
)
select
    placed.series_id, placed.population, placed.period_start, placed.period_end, placed.paper_id, label.framework,
    label.ruleset_id, placed.source_id, max(coalesce(placed.listed_on, label.read_on)) as as_of
from placed
join label on label.source_id = placed.source_id and label.paper_id = placed.paper_id
join rules
  on rules.source_id = placed.source_id and rules.ruleset_id = label.ruleset_id
 and rules.rules_of is not distinct from placed.rules_of
group by placed.series_id, placed.population, placed.period_start, placed.period_end, placed.paper_id,
         label.framework, label.ruleset_id, placed.source_id;

comment on view main.paper_mentions is 'Which papers name which framework: the single papers behind the series of mentions that this project reads itself.';
comment on column main.paper_mentions.series_id is 'The series whose figures count the paper.';
comment on column main.paper_mentions.population is 'The population of that series which the paper belongs to.';
comment on column main.paper_mentions.period_start is 'First day of the paper''s period in that series: its month, or its edition''s year.';
comment on column main.paper_mentions.period_end is 'Last day of that period.';
comment on column main.paper_mentions.paper_id is 'The paper: an arXiv identifier, or venue, year and the publisher''s identifier.';
comment on column main.paper_mentions.framework is 'Framework that what was read of the paper names as used, or none.';
comment on column main.paper_mentions.ruleset_id is 'The rules under which it was read.';
comment on column main.paper_mentions.source_id is 'Where what was read comes from.';
comment on column main.paper_mentions.as_of is 'Day on which it was read; of proceedings, on which their list was.';
