-- Grain: one row per venue, edition year, framework (of the two that are compared) and published version.
-- A cell that the newest version no longer holds was withdrawn: adoption does not show it.
create or replace view metric.papers_conference_mentions as
with cell as (
    select
        source_id, venue, edition_year, paper_scope, framework, papers_count, vintage_at, vintage_id, ruleset_id,
        only_count as n,
        -- Both frameworks of a version stand in its table; without one of them there is no denominator.
        case when count(*) over edition = 2 then sum(only_count) over edition end as base
    from core.paper_count
    where list_contains(compared_frameworks(), framework)
    window edition as (partition by source_id, venue, edition_year, vintage_at)
)
select
    'papers.conference_mentions' as series_id, venue as population, make_date(edition_year, 1, 1) as period_start,
    make_date(edition_year, 12, 31) as period_end, framework, 'mention' as measure, n, base,
    case when base = 0 then 'no paper names exactly one of the two'
         else 'the count of the other framework is missing' end as no_interval_reason,
    -- Worst cases over all papers: every silent paper used the other framework, or every silent paper used this one.
    n / nullif(papers_count, 0) as bound_low,
    1 - (base - n) / nullif(papers_count, 0) as bound_high,
    vintage_at::date as as_of, source_id, ruleset_id, vintage_at, vintage_id, paper_scope,
    vintage_at = max(vintage_at) over (partition by source_id) as is_newest
from cell;

comment on view metric.papers_conference_mentions is 'Of the papers of a venue whose PDF names exactly one of the two frameworks, how many name which.';
comment on column metric.papers_conference_mentions.n is 'Papers that name this framework and not the other.';
comment on column metric.papers_conference_mentions.base is 'Papers that name exactly one of the two.';
comment on column metric.papers_conference_mentions.no_interval_reason is 'Why there is no interval where base is 0 or null.';
comment on column metric.papers_conference_mentions.bound_low is 'Share over all papers if every other paper used the other framework; null without a total.';
comment on column metric.papers_conference_mentions.bound_high is 'Share over all papers if every paper but the other framework''s used this one; null without a total.';
