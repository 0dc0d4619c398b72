-- Grain: one row per venue and edition year whose links were collected.
create or replace view metric.papers_code_availability as
select
    'papers.code_availability' as series_id, venue as population, make_date(edition_year, 1, 1) as period_start,
    make_date(edition_year, 12, 31) as period_end, 'any' as framework, 'availability' as measure,
    usable_count as n, papers_count as base, 'the edition has no papers' as no_interval_reason,
    usable_count / nullif(papers_count, 0) as bound_low,
    (usable_count + junk_count) / nullif(papers_count, 0) as bound_high,
    seen_at::date as as_of, source_id, not is_newest_list as is_preliminary
from core.code_availability
-- Where nobody collected links, nothing is known: that is no row, not a zero.
where is_collected;

comment on view metric.papers_code_availability is 'Share of a venue''s accepted papers with a usable link to code. Editions whose links nobody collected have no row.';
comment on column metric.papers_code_availability.framework is 'any: the figure is about the papers, whatever they use.';
comment on column metric.papers_code_availability.n is 'Accepted papers whose link names an owner and a repository and is no placeholder.';
comment on column metric.papers_code_availability.base is 'Accepted papers of the edition, each title once.';
comment on column metric.papers_code_availability.no_interval_reason is 'Why there is no interval where base is 0.';
comment on column metric.papers_code_availability.bound_low is 'Share if no refused link led to code: the same as share.';
comment on column metric.papers_code_availability.bound_high is 'Share if every refused link (project page, owner alone, placeholder) led to code. Links that nobody collected are in neither bound.';
comment on column metric.papers_code_availability.is_preliminary is 'True where an older version of the list had to be read: links may have been added since.';
