-- Grain: one row per framework's repository and ISO week in which it was seen.
-- The change of the lists in April 2024 and the removal of stars on 2026-07-01 are no breaks: the first changed which
-- repositories are listed, not what a listed number means; the second took a quarter of a percent from three repositories.
create or replace view metric.github_stars as
select
    'github.stars' as series_id, held.repository as population, date_trunc('week', held.observed_on)::date as period_start,
    date_trunc('week', held.observed_on)::date + 6 as period_end, named.framework, 'stars' as measure,
    held.stars_count as n, held.seen_at::date as as_of, held.source_id
from core.repository_day held
join ref.framework_repository named on named.repository = held.repository
qualify row_number() over (
    partition by held.repository, date_trunc('week', held.observed_on)
    order by held.observed_on desc, held.seen_at desc, held.source_id
) = 1;

comment on view metric.github_stars is 'Stars a framework''s repository held at the end of a week. A week without a row is unknown, never zero: the lists hold a repository only while it is among the 100 most starred of its language or overall.';
comment on column metric.github_stars.population is 'The repository by its present name, owner/name.';
comment on column metric.github_stars.period_start is 'Monday of the ISO week.';
comment on column metric.github_stars.n is 'Stars held on the last day of the week on which the repository was seen; stars taken back are gone from it.';
