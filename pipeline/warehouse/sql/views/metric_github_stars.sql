-- Grain: one row per framework's repository and ISO week in which it was seen.
-- The change of the lists in April 2024 and the removal of stars on 2026-07-01 are no breaks: the first changed which
-- repositories are listed, not what a listed number means; the second took a quarter of a percent from three repositories.
--
-- Between the shipped lists and the first live reading, and wherever no run looked for a while, the weeks are reckoned
-- back from the next live reading: less the stars given in each later week, by GitHub's own history. A measured week
-- always comes first. It is no break: both ends are measured levels, and what was taken back within half a year is a
-- fraction of a percent; a longer gap is not bridged.
create or replace view metric.github_stars as
with reading as (
    select
        repository, observed_on, stars_count, source_id,
        lag(observed_on) over (partition by repository order by observed_on) as observed_before
    from core.repository_day
    qualify row_number() over (partition by repository, observed_on order by seen_at desc, source_id) = 1
),
gap as (
    select repository, observed_before as starts_on, observed_on as ends_on, stars_count
    from reading
    where source_id = 'github_repositories' and observed_on - observed_before between 8 and 182
),
given as (
    select
        trim(split_part(subject, ':', 1)) as repository, period_start, period_end, items_count, observed_on, seen_at,
        source_id
    from core.period_count
    where source_id = 'github_star_history' and measure = 'stars'
    qualify row_number() over (partition by subject, period_start order by observed_on desc) = 1
),
part as (
    -- The week of the reading counts as far as the day of the reading.
    select
        gap.repository, gap.starts_on, gap.ends_on, gap.stars_count, given.period_start, given.period_end,
        given.seen_at, given.source_id,
        given.items_count * least(
            1, (gap.ends_on - given.period_start + 1)
               / (least(given.period_end, given.observed_on) - given.period_start + 1)
        ) as stars_given
    from gap
    join given on given.repository = gap.repository
     and given.period_end > gap.starts_on and given.period_start <= gap.ends_on
),
reckoned as (
    select
        repository, period_end as observed_on,
        round(stars_count - coalesce(sum(stars_given) over (
            partition by repository, ends_on order by period_end
            rows between 1 following and unbounded following
        ), 0))::integer as stars_count,
        seen_at, source_id, starts_on, ends_on,
        -- A week that the history lacks would make all before it too high.
        count(*) over (
            partition by repository, ends_on order by period_end rows between current row and unbounded following
        )
            = (max(period_end) over (partition by repository, ends_on) - period_end) / 7 + 1
        and max(period_end) over (partition by repository, ends_on) >= ends_on as is_known
    from part
),
held as (
    select repository, observed_on, stars_count, seen_at, source_id, true as is_measured from core.repository_day
    union all
    select repository, observed_on, stars_count, seen_at, source_id, false
    from reckoned
    where is_known and observed_on > starts_on and observed_on < ends_on
)
select
    'github.stars' as series_id, held.repository as population, date_trunc('week', held.observed_on)::date as period_start,
    date_trunc('week', held.observed_on)::date + 6 as period_end, named.framework, 'stars' as measure,
    held.stars_count as n, held.seen_at::date as as_of, held.source_id
from held
join ref.framework_repository named on named.repository = held.repository
qualify row_number() over (
    partition by held.repository, date_trunc('week', held.observed_on)
    order by held.is_measured desc, held.observed_on desc, held.seen_at desc, held.source_id
) = 1;

comment on view metric.github_stars is 'Stars a framework''s repository held at the end of a week. A week without a row is unknown, never zero: the lists hold a repository only while it is among the 100 most starred of its language or overall.';
comment on column metric.github_stars.population is 'The repository by its present name, owner/name.';
comment on column metric.github_stars.period_start is 'Monday of the ISO week.';
comment on column metric.github_stars.n is 'Stars held on the last day of the week on which the repository was seen; stars taken back are gone from it.';
