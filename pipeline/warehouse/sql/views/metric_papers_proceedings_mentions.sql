-- Grain: one row a venue, edition, kind of text read, framework and ruleset.
-- The series of proceedings: every paper that an edition lists, with the frameworks that the detector read in it.
create or replace view metric.papers_proceedings_mentions as
with edition as (
    select
        venue, edition_year, source_id,
        venue || case when bool_or(abstract is not null) then ', titles and abstracts' else ', titles' end as population,
        max(seen_at)::date as as_of
    from core.paper
    where source_id = 'proceedings'
    group by venue, edition_year, source_id
),
read as (
    select edition.population, edition.venue, edition.edition_year, edition.source_id, edition.as_of,
           label.ruleset_id, label.paper_id, label.framework
    from edition
    join core.paper_label label
      on label.source_id = edition.source_id and label.venue = edition.venue
     and label.subject_year = edition.edition_year and label.tier = 'mention'
),
counted as (
    select population, edition_year, source_id, as_of, ruleset_id, framework, count(distinct paper_id) as n
    from read
    group by population, edition_year, source_id, as_of, ruleset_id, framework
),
total as (
    select population, edition_year, source_id, ruleset_id, count(distinct paper_id) as base
    from read
    group by population, edition_year, source_id, ruleset_id
)
select
    'papers.proceedings_mentions' as series_id,
    counted.population,
    make_date(counted.edition_year, 1, 1) as period_start,
    make_date(counted.edition_year, 12, 31) as period_end,
    counted.framework,
    'mention' as measure,
    counted.n::bigint as n,
    total.base::bigint as base,
    counted.n / total.base as share,
    wilson_low(counted.n, total.base) as interval_low,
    wilson_high(counted.n, total.base) as interval_high,
    'Wilson 95 %' as interval_method,
    counted.n / total.base as bound_low,
    1::double as bound_high,
    null::varchar as wording_id,
    segment.break_id,
    counted.as_of,
    counted.source_id,
    counted.ruleset_id,
    counted.as_of <= make_date(counted.edition_year, 12, 31) as is_preliminary
from counted
join total
  on total.population = counted.population and total.edition_year = counted.edition_year
 and total.source_id = counted.source_id and total.ruleset_id = counted.ruleset_id
left join metric.series_segment segment
  on segment.series_id = 'papers.proceedings_mentions'
 and (segment.population = counted.population
      or (segment.population is null and not list_contains(segment.other_populations, counted.population)))
 and segment.starts_on <= make_date(counted.edition_year, 1, 1)
 and make_date(counted.edition_year, 1, 1) < segment.ends_before
where counted.framework <> 'none';

comment on view metric.papers_proceedings_mentions is 'Papers of a conference''s proceedings whose title or abstract names a framework as used, by edition.';
comment on column metric.papers_proceedings_mentions.series_id is 'papers.proceedings_mentions.';
comment on column metric.papers_proceedings_mentions.population is 'Venue and what was read of its papers: titles, or titles and abstracts. The two do not compare.';
comment on column metric.papers_proceedings_mentions.period_start is '1 January of the edition''s year.';
comment on column metric.papers_proceedings_mentions.period_end is '31 December of the edition''s year.';
comment on column metric.papers_proceedings_mentions.framework is 'The framework that is named.';
comment on column metric.papers_proceedings_mentions.measure is 'mention.';
comment on column metric.papers_proceedings_mentions.n is 'Papers that name it as used. A framework that no paper of an edition names has no row.';
comment on column metric.papers_proceedings_mentions.base is 'All papers that the edition lists and that were read under the same rules.';
comment on column metric.papers_proceedings_mentions.share is 'n / base: names in titles and abstracts, far below use.';
comment on column metric.papers_proceedings_mentions.interval_low is 'Lower end of the 95 % Wilson interval, as if the edition were a random sample.';
comment on column metric.papers_proceedings_mentions.interval_high is 'Upper end of the 95 % Wilson interval, as if the edition were a random sample.';
comment on column metric.papers_proceedings_mentions.interval_method is 'Wilson 95 %.';
comment on column metric.papers_proceedings_mentions.bound_low is 'The share itself: use is at least this, but for false mentions.';
comment on column metric.papers_proceedings_mentions.bound_high is '1: what titles and abstracts leave out is unknown, and every silent paper may use it.';
comment on column metric.papers_proceedings_mentions.wording_id is 'Null: no survey.';
comment on column metric.papers_proceedings_mentions.break_id is 'The segment of the series.';
comment on column metric.papers_proceedings_mentions.as_of is 'Day on which the newest of these papers was seen.';
comment on column metric.papers_proceedings_mentions.source_id is 'Where the papers were listed.';
comment on column metric.papers_proceedings_mentions.ruleset_id is 'The rules by which a mention was found.';
comment on column metric.papers_proceedings_mentions.is_preliminary is 'True where the edition was read before its year was over.';
