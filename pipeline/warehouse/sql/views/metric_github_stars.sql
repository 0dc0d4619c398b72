-- Grain: one row a framework's repository and ISO week in which it was seen.
-- The change of the lists in April 2024 and the removal of stars on 2026-07-01 are no breaks: the first changed which
-- repositories are listed, not what a listed number means; the second took a quarter of a percent from three repositories.
create or replace view metric.github_stars as
with newest as (
    select
        repository, observed_on, stars_count, seen_at, source_id,
        date_trunc('week', observed_on)::date as week_start
    from core.repository_day
    qualify row_number() over (
        partition by repository, date_trunc('week', observed_on) order by observed_on desc, seen_at desc, source_id
    ) = 1
),
figure as (
    select
        'github.stars' as series_id,
        newest.repository as population,
        newest.week_start as period_start,
        newest.week_start + 6 as period_end,
        named.framework,
        newest.stars_count::bigint as n,
        newest.seen_at::date as as_of,
        newest.source_id
    from newest
    join ref.framework_repository named on named.repository = newest.repository
)
select
    figure.series_id,
    figure.population,
    figure.period_start,
    figure.period_end,
    figure.framework,
    'stars' as measure,
    figure.n,
    null::bigint as base,
    null::double as share,
    null::double as interval_low,
    null::double as interval_high,
    'none: census count' as interval_method,
    null::double as bound_low,
    null::double as bound_high,
    null::varchar as wording_id,
    segment.break_id,
    figure.as_of,
    figure.source_id,
    null::varchar as ruleset_id,
    false as is_preliminary
from figure
left join metric.series_segment segment
  on segment.series_id = figure.series_id
 and (segment.population = figure.population
      or (segment.population is null and not list_contains(segment.other_populations, figure.population)))
 and segment.starts_on <= figure.period_start and figure.period_start < segment.ends_before;

comment on view metric.github_stars is 'Stars a framework''s repository held at the end of a week. A week without a row is unknown, never zero: the lists hold a repository only while it is among the 100 most starred of its language or overall.';
comment on column metric.github_stars.series_id is 'github.stars.';
comment on column metric.github_stars.population is 'The repository by its present name, owner/name.';
comment on column metric.github_stars.period_start is 'Monday of the ISO week.';
comment on column metric.github_stars.period_end is 'Sunday of the ISO week.';
comment on column metric.github_stars.framework is 'The framework that lives in the repository.';
comment on column metric.github_stars.measure is 'stars.';
comment on column metric.github_stars.n is 'Stars held on the last day of the week on which the repository was seen; stars taken back are gone from it.';
comment on column metric.github_stars.base is 'Always null: there is no population that could have starred.';
comment on column metric.github_stars.share is 'Always null: stars are no part of a whole.';
comment on column metric.github_stars.interval_low is 'Always null: the count is complete.';
comment on column metric.github_stars.interval_high is 'Always null: the count is complete.';
comment on column metric.github_stars.interval_method is 'none: census count.';
comment on column metric.github_stars.bound_low is 'Always null.';
comment on column metric.github_stars.bound_high is 'Always null.';
comment on column metric.github_stars.wording_id is 'Always null.';
comment on column metric.github_stars.break_id is 'Segment of the series; there is one.';
comment on column metric.github_stars.as_of is 'The day the lists were taken.';
comment on column metric.github_stars.source_id is 'Where the count comes from.';
comment on column metric.github_stars.ruleset_id is 'Always null.';
comment on column metric.github_stars.is_preliminary is 'Always false: a day''s count is not revised.';
