-- Grain: one row per year and framework, over the MLPerf Training rounds published in that year.
-- Frameworks named in any round have a row in every year: the rounds at hand are complete, so 0 is a count.
create or replace view metric.mlperf_training_entries as
with entry as (
    select
        source_id, round_year, entries_count, seen_at,
        case when label_set = '' then [] else string_split(label_set, '|') end as labels
    from core.competition_entry
    where competition = 'MLPerf Training'
),
named as (
    select distinct source_id, unnest(labels) as framework from entry
)
select
    'mlperf.training_entries' as series_id, 'single-framework entries' as population,
    make_date(entry.round_year, 1, 1) as period_start, make_date(entry.round_year, 12, 31) as period_end,
    named.framework, 'entries' as measure,
    coalesce(sum(entry.entries_count) filter (where entry.labels = [named.framework]), 0) as n,
    coalesce(sum(entry.entries_count) filter (where len(entry.labels) = 1), 0) as base,
    'no entry names exactly one' as no_interval_reason,
    -- Only an entry that names nothing is silent; one that names several has said what it ran on.
    n / nullif(sum(entry.entries_count) filter (where len(entry.labels) <= 1), 0) as bound_low,
    (n + coalesce(sum(entry.entries_count) filter (where len(entry.labels) = 0), 0))
        / nullif(sum(entry.entries_count) filter (where len(entry.labels) <= 1), 0) as bound_high,
    max(entry.seen_at)::date as as_of, entry.source_id
from entry
join named on named.source_id = entry.source_id
group by entry.source_id, entry.round_year, named.framework;

comment on view metric.mlperf_training_entries is 'Of the MLPerf Training entries whose framework field names exactly one framework, how many name which. Entries that name several are never split into votes; see mlperf_label_sets.';
comment on column metric.mlperf_training_entries.n is 'Entries that name only this framework; 0 where the rounds of the year hold none.';
comment on column metric.mlperf_training_entries.base is 'Entries that name exactly one framework. Those of one submitter hang together, so the interval of share is too narrow.';
comment on column metric.mlperf_training_entries.no_interval_reason is 'Why there is no interval where base is 0.';
comment on column metric.mlperf_training_entries.bound_low is 'Share if no entry that names nothing ran on it. Entries that name several are left out here too.';
comment on column metric.mlperf_training_entries.bound_high is 'Share if every entry that names nothing ran on it.';
