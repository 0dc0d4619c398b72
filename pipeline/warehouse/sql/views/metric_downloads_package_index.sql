-- Grain: one row per framework, group of clients and window of days.
create or replace view metric.downloads_package_index as
select
    'downloads.package_index' as series_id, download.client_scope as population, download.window_start as period_start,
    download.window_end as period_end, family.framework, 'downloads' as measure, sum(download.downloads_count) as n,
    max(download.seen_at)::date as as_of, download.source_id
from core.download_window download
join ref.framework_package family on family.package = download.package and family.is_summed
left join ref.framework named on named.framework = family.framework
-- The two other countings have series of their own; see downloads_by_month.
where download.counting_system not in ('pypistats', 'clickpy')
  -- Tools that the debate names beside the frameworks are counted in downloads_tools.
  and named.criterion is null
group by download.source_id, download.client_scope, download.window_start, download.window_end, family.framework
having bool_or(family.is_main);

comment on view metric.downloads_package_index is 'Downloads of a framework''s package family from the Python package index within a window of about 30 days. No row where the family''s main package is not on the list.';
comment on column metric.downloads_package_index.population is 'Whose downloads are counted: all clients that the counting system of the day covers (by pip only until 2024-10, by every installer since), build machines and mirrors included.';
comment on column metric.downloads_package_index.period_end is 'Last day of the window. Windows are 30 days long, 29 to 22 from 2024-12 to 2025-06, then calendar months; those of 2018 and 2019 overlap.';
comment on column metric.downloads_package_index.framework is 'Framework; its packages are in package_families.';
comment on column metric.downloads_package_index.n is 'Downloads within the window, summed over the members of the family that are on the list, not scaled to equal days. A member that is not on it had at most the list''s cut-off (see download_lists) and is left out.';
