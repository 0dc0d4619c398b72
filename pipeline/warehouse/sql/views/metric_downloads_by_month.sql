-- Grain: one row per counting system, group of clients, calendar month and framework.
-- pypistats counts days, which are added to months here; ClickHouse counts months. Only whole months are shown: a day
-- that nobody logged is no zero.
create or replace view metric.downloads_by_month as
with whole as (
    select
        source_id, counting_system, client_scope, package, date_trunc('month', window_start)::date as month_start,
        sum(downloads_count) as downloads_count, max(seen_at)::date as as_of
    from core.download_window
    where counting_system in ('pypistats', 'clickpy')
    group by source_id, counting_system, client_scope, package, month_start
    having sum(window_end - window_start + 1) = day(last_day(month_start))
)
select
    'downloads.' || whole.counting_system as series_id, whole.client_scope as population,
    whole.month_start as period_start, last_day(whole.month_start) as period_end, family.framework,
    'downloads' as measure, sum(whole.downloads_count) as n, max(whole.as_of) as as_of, whole.source_id
from whole
join ref.framework_package family on family.package = whole.package and family.is_summed
group by whole.counting_system, whole.client_scope, whole.month_start, family.framework, whole.source_id
having bool_or(family.is_main);

comment on view metric.downloads_by_month is 'Downloads of a framework''s package family from the Python package index by calendar month, as counted by pypistats and by ClickHouse. No row where the family''s main package lacks a day.';
comment on column metric.downloads_by_month.population is 'Whose downloads are counted: all clients, or those that do not name themselves as copying the whole index.';
comment on column metric.downloads_by_month.framework is 'Framework; its packages are in package_families.';
comment on column metric.downloads_by_month.n is 'Downloads within the month, summed over those members of the family that were asked for and have every day.';
