-- Grain: one row per tool, point of the debate and window of days.
create or replace view metric.downloads_tools as
select
    'downloads.tools' as series_id, tool.criterion as population, download.window_start as period_start,
    download.window_end as period_end, family.framework, 'downloads' as measure, sum(download.downloads_count) as n,
    max(download.seen_at)::date as as_of, download.source_id
from core.download_window download
join ref.framework_package family on family.package = download.package and family.is_summed
join ref.framework tool on tool.framework = family.framework and tool.criterion is not null
where download.counting_system not in ('pypistats', 'clickpy')
group by download.source_id, download.client_scope, download.window_start, download.window_end, family.framework, tool.criterion
having bool_or(family.is_main);

comment on view metric.downloads_tools is 'Downloads from the Python package index of the tools and libraries that the debate names beside the frameworks, within a window of about 30 days. No row where a tool''s main package is not on the list.';
comment on column metric.downloads_tools.population is 'The point of the debate that the tool is named for: deployment, mobile and web, visualisation, pretrained models, training loops.';
comment on column metric.downloads_tools.period_end is 'Last day of the window; lengths differ as those of downloads.package_index do.';
comment on column metric.downloads_tools.framework is 'The tool; its packages are in package_families.';
comment on column metric.downloads_tools.n is 'Downloads within the window, summed over the alternative builds of the tool that are on the list. Tools install one another, so they are never summed with each other.';
