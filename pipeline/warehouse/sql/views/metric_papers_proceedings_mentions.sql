-- Grain: one row per venue, edition, kind of text read and framework.
-- Every paper that an edition lists, with the frameworks that the detector read in it.
create or replace view metric.papers_proceedings_mentions as
with edition as (
    select
        venue, edition_year, source_id, max(seen_at)::date as as_of,
        venue || case when bool_or(abstract is not null) then ', titles and abstracts' else ', titles' end as population
    from core.paper
    where source_id = 'proceedings'
    group by venue, edition_year, source_id
),
named as (
    select
        edition.population, edition.edition_year, edition.source_id, edition.as_of, label.ruleset_id, label.framework,
        label.paper_id, count(distinct label.paper_id) over (
            partition by edition.population, edition.edition_year, edition.source_id, label.ruleset_id
        ) as base
    from edition
    join core.paper_label label
      on label.source_id = edition.source_id and label.venue = edition.venue
     and label.subject_year = edition.edition_year and label.tier = 'mention'
     -- While papers are read anew under changed rules, the rules count under which most were read.
     and label.ruleset_id = (
         select ruleset_id from core.paper_label where source_id = 'proceedings' and tier = 'mention'
         group by ruleset_id order by count(distinct paper_id) desc, ruleset_id limit 1
     )
)
select
    'papers.proceedings_mentions' as series_id, population, make_date(edition_year, 1, 1) as period_start,
    make_date(edition_year, 12, 31) as period_end, framework, 'mention' as measure, count(distinct paper_id) as n, base,
    n / base as bound_low, 1 as bound_high, as_of, source_id, ruleset_id,
    as_of <= make_date(edition_year, 12, 31) as is_preliminary
from named
where framework <> 'none'
group by population, edition_year, source_id, as_of, ruleset_id, framework, base;

comment on view metric.papers_proceedings_mentions is 'Papers of a conference''s proceedings whose title or abstract names a framework as used, by edition.';
comment on column metric.papers_proceedings_mentions.population is 'Venue and what was read of its papers: titles, or titles and abstracts. The two do not compare.';
comment on column metric.papers_proceedings_mentions.n is 'Papers that name it as used. A framework that no paper of an edition names has no row.';
comment on column metric.papers_proceedings_mentions.base is 'All papers that the edition lists and that were read under the same rules. Names in titles and abstracts are far below use.';
comment on column metric.papers_proceedings_mentions.bound_low is 'The share itself: use is at least this, but for false mentions.';
comment on column metric.papers_proceedings_mentions.bound_high is '1: what titles and abstracts leave out is unknown, and every silent paper may use it.';
comment on column metric.papers_proceedings_mentions.is_preliminary is 'True where the edition was read before its year was over.';
