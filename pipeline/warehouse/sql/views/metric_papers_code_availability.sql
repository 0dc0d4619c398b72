-- Grain: one row a venue and edition year whose links were collected.
create or replace view metric.papers_code_availability as
select
    'papers.code_availability' as series_id,
    edition.venue as population,
    make_date(edition.edition_year, 1, 1) as period_start,
    make_date(edition.edition_year, 12, 31) as period_end,
    'any' as framework,
    'availability' as measure,
    edition.usable_count::bigint as n,
    edition.papers_count::bigint as base,
    case when edition.papers_count > 0 then edition.usable_count / edition.papers_count end as share,
    wilson_low(edition.usable_count, edition.papers_count) as interval_low,
    wilson_high(edition.usable_count, edition.papers_count) as interval_high,
    case when edition.papers_count > 0 then 'Wilson 95 %' else 'none: the edition has no papers' end as interval_method,
    case when edition.papers_count > 0 then edition.usable_count / edition.papers_count end as bound_low,
    case when edition.papers_count > 0
         then (edition.usable_count + edition.junk_count) / edition.papers_count end as bound_high,
    null::varchar as wording_id,
    segment.break_id,
    edition.seen_at::date as as_of,
    edition.source_id,
    null::varchar as ruleset_id,
    not edition.is_newest_list as is_preliminary
from core.code_availability edition
left join metric.series_segment segment
  on segment.series_id = 'papers.code_availability'
 and (segment.population = edition.venue
      or (segment.population is null and not list_contains(segment.other_populations, edition.venue)))
 and segment.starts_on <= make_date(edition.edition_year, 1, 1)
 and make_date(edition.edition_year, 1, 1) < segment.ends_before
-- Where nobody collected links, nothing is known: that is no row, not a zero.
where edition.is_collected;

comment on view metric.papers_code_availability is 'Share of a venue''s accepted papers with a usable link to code. Editions whose links nobody collected have no row.';
comment on column metric.papers_code_availability.series_id is 'papers.code_availability.';
comment on column metric.papers_code_availability.population is 'The venue.';
comment on column metric.papers_code_availability.period_start is '1 January of the edition''s year.';
comment on column metric.papers_code_availability.period_end is '31 December of the edition''s year.';
comment on column metric.papers_code_availability.framework is 'any: the figure is about the papers, whatever they use.';
comment on column metric.papers_code_availability.measure is 'availability.';
comment on column metric.papers_code_availability.n is 'Accepted papers whose link names an owner and a repository and is no placeholder.';
comment on column metric.papers_code_availability.base is 'Accepted papers of the edition, each title once.';
comment on column metric.papers_code_availability.share is 'n / base.';
comment on column metric.papers_code_availability.interval_low is 'Lower end of the 95 % Wilson interval of share.';
comment on column metric.papers_code_availability.interval_high is 'Upper end of the 95 % Wilson interval of share.';
comment on column metric.papers_code_availability.interval_method is 'How the interval was made, or why there is none.';
comment on column metric.papers_code_availability.bound_low is 'Share if no refused link led to code: the same as share.';
comment on column metric.papers_code_availability.bound_high is 'Share if every refused link (project page, owner alone, placeholder) led to code. Links that nobody collected are in neither bound.';
comment on column metric.papers_code_availability.wording_id is 'Null: no survey.';
comment on column metric.papers_code_availability.break_id is 'The segment of the series.';
comment on column metric.papers_code_availability.as_of is 'Day of the snapshot of the lists.';
comment on column metric.papers_code_availability.source_id is 'Where the figure comes from.';
comment on column metric.papers_code_availability.ruleset_id is 'Null: no framework is recognised.';
comment on column metric.papers_code_availability.is_preliminary is 'True where an older version of the list had to be read: links may have been added since.';
