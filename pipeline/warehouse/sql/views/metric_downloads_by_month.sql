-- Grain: one row a counting system, group of clients, calendar month and framework.
-- pypistats tells days, which are added to months here; ClickHouse tells months. Only whole months are shown: a day
-- that nobody logged is no zero.
create or replace view metric.downloads_by_month as
with by_package as (
    select
        source_id, counting_system, client_scope, package,
        date_trunc('month', window_start)::date as month_start,
        sum(window_end - window_start + 1) as days_count,
        sum(downloads_count)::bigint as downloads_count,
        max(seen_at)::date as as_of
    from core.download_window
    where counting_system in ('pypistats', 'clickpy')
    group by source_id, counting_system, client_scope, package, date_trunc('month', window_start)
),
whole as (
    select
        source_id, counting_system, client_scope, package, month_start, last_day(month_start) as month_end,
        downloads_count, as_of
    from by_package
    where days_count = day(last_day(month_start))
),
figure as (
    select
        'downloads.' || whole.counting_system as series_id,
        whole.client_scope as population, whole.month_start, whole.month_end, family.framework,
        sum(whole.downloads_count)::bigint as n,
        max(whole.as_of) as as_of,
        whole.source_id
    from whole
    join ref.framework_package family on family.package = whole.package
    group by whole.counting_system, whole.client_scope, whole.month_start, whole.month_end, family.framework,
             whole.source_id
    having bool_or(family.is_main)
)
select
    figure.series_id,
    figure.population,
    figure.month_start as period_start,
    figure.month_end as period_end,
    figure.framework,
    'downloads' as measure,
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
 and segment.starts_on <= figure.month_start and figure.month_start < segment.ends_before;

comment on view metric.downloads_by_month is 'Downloads of a framework''s package family from the Python package index by calendar month, as counted by pypistats and by ClickHouse. No row where the family''s main package lacks a day.';
comment on column metric.downloads_by_month.series_id is 'downloads.pypistats or downloads.clickpy.';
comment on column metric.downloads_by_month.population is 'Whose downloads are counted: all clients, or those that do not name themselves as copying the whole index.';
comment on column metric.downloads_by_month.period_start is 'First day of the month.';
comment on column metric.downloads_by_month.period_end is 'Last day of the month.';
comment on column metric.downloads_by_month.framework is 'Framework; its packages are in package_families.';
comment on column metric.downloads_by_month.measure is 'downloads.';
comment on column metric.downloads_by_month.n is 'Downloads within the month, summed over those members of the family that were asked for and have every day.';
comment on column metric.downloads_by_month.base is 'Always null: clients are no population.';
comment on column metric.downloads_by_month.share is 'Always null: without a base there is no share.';
comment on column metric.downloads_by_month.interval_low is 'Always null: the count is complete.';
comment on column metric.downloads_by_month.interval_high is 'Always null: the count is complete.';
comment on column metric.downloads_by_month.interval_method is 'none: census count.';
comment on column metric.downloads_by_month.bound_low is 'Always null: bounds are for shares.';
comment on column metric.downloads_by_month.bound_high is 'Always null: bounds are for shares.';
comment on column metric.downloads_by_month.wording_id is 'Always null.';
comment on column metric.downloads_by_month.break_id is 'The segment of the series.';
comment on column metric.downloads_by_month.as_of is 'The day on which the service was asked.';
comment on column metric.downloads_by_month.source_id is 'Where the count comes from.';
comment on column metric.downloads_by_month.ruleset_id is 'Always null.';
comment on column metric.downloads_by_month.is_preliminary is 'Always false: past days are not revised.';
