-- Grain: one row a framework, group of clients and window of days.
create or replace view metric.downloads_package_index as
with family_sum as (
    select
        download.source_id, download.client_scope, download.window_start, download.window_end, family.framework,
        sum(download.downloads_count)::bigint as n,
        bool_or(family.is_main) as has_main,
        max(download.seen_at)::date as as_of
    from core.download_window download
    join ref.framework_package family on family.package = download.package
    -- The two other countings have series of their own; see downloads_by_month.
    where download.counting_system not in ('pypistats', 'clickpy')
    group by download.source_id, download.client_scope, download.window_start, download.window_end, family.framework
),
figure as (
    select
        'downloads.package_index' as series_id,
        client_scope as population,
        window_start as period_start,
        window_end as period_end,
        framework, n, as_of, source_id
    from family_sum
    where has_main
)
select
    figure.series_id,
    figure.population,
    figure.period_start,
    figure.period_end,
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
 and segment.starts_on <= figure.period_start and figure.period_start < segment.ends_before;

comment on view metric.downloads_package_index is 'Downloads of a framework''s package family from the Python package index within a window of about 30 days. No row where the family''s main package is not on the list.';
comment on column metric.downloads_package_index.series_id is 'downloads.package_index.';
comment on column metric.downloads_package_index.population is 'Whose downloads are counted: all clients that the counting system of the day covers (by pip only until 2024-10, by every installer since), build machines and mirrors included.';
comment on column metric.downloads_package_index.period_start is 'First day of the window.';
comment on column metric.downloads_package_index.period_end is 'Last day of the window. Windows are 30 days long, 29 to 22 from 2024-12 to 2025-06, then calendar months; those of 2018 and 2019 overlap.';
comment on column metric.downloads_package_index.framework is 'Framework; its packages are in package_families.';
comment on column metric.downloads_package_index.measure is 'downloads.';
comment on column metric.downloads_package_index.n is 'Downloads within the window, summed over the members of the family that are on the list, not scaled to equal days. A member that is not on it had at most the list''s cut-off (see download_lists) and is left out.';
comment on column metric.downloads_package_index.base is 'Always null: the list ends at a cut-off and clients are no population.';
comment on column metric.downloads_package_index.share is 'Always null: without a base there is no share.';
comment on column metric.downloads_package_index.interval_low is 'Always null: the count is complete.';
comment on column metric.downloads_package_index.interval_high is 'Always null: the count is complete.';
comment on column metric.downloads_package_index.interval_method is 'none: census count.';
comment on column metric.downloads_package_index.bound_low is 'Always null: bounds are for shares.';
comment on column metric.downloads_package_index.bound_high is 'Always null: bounds are for shares.';
comment on column metric.downloads_package_index.wording_id is 'Always null.';
comment on column metric.downloads_package_index.break_id is 'Segment by loss of logs, by counting system and by length of the window; see series_breaks.';
comment on column metric.downloads_package_index.as_of is 'The day the lists were taken.';
comment on column metric.downloads_package_index.source_id is 'Where the count comes from.';
comment on column metric.downloads_package_index.ruleset_id is 'Always null.';
comment on column metric.downloads_package_index.is_preliminary is 'Always false: published lists are not revised.';
