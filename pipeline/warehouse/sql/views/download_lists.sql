-- Grain: one row per published list of the most downloaded packages.
create or replace view main.download_lists as
select
    list.window_end,
    list.packages_count::bigint as packages_count,
    list.cutoff_count,
    list.counting_system,
    list.seen_at::date as as_of,
    list.source_id
from core.download_list list;

comment on view main.download_lists is 'How far down each list of the most downloaded packages reaches: what is not on it had at most cutoff_count downloads.';
comment on column main.download_lists.window_end is 'Last day of the window the list counts.';
comment on column main.download_lists.packages_count is 'Packages on the list.';
comment on column main.download_lists.cutoff_count is 'Downloads of the last package on it, the most that a package not on it can have had.';
comment on column main.download_lists.counting_system is 'Where the counts were queried and whose downloads they are.';
comment on column main.download_lists.as_of is 'The day the lists were taken.';
comment on column main.download_lists.source_id is 'Where the list comes from; see source_health.';
