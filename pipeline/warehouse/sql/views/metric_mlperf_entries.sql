-- Grain: one row per competition, group of entries, year and framework, over the rounds published in that year.
-- Frameworks named in any round have a row in every year: the rounds at hand are complete, so 0 is a count.
create or replace view metric.mlperf_entries as
with entry as (
    select
        source_id, competition, round_year, entry_group, entries_count, as_of,
        case when label_set in ('', 'unresolved') then [] else string_split(label_set, '|') end as labels
    from main.mlperf_label_sets
    where competition in ('MLPerf Training', 'MLPerf Inference')
),
named as (
    select distinct source_id, competition, entry_group, unnest(labels) as framework from entry
)
select
    case entry.competition when 'MLPerf Training' then 'mlperf.training_entries' else 'mlperf.inference_entries' end as series_id,
    case entry.entry_group when 'all entries' then 'single-framework entries' else entry.entry_group end as population,
    make_date(entry.round_year, 1, 1) as period_start, make_date(entry.round_year, 12, 31) as period_end,
    named.framework, 'entries' as measure,
    coalesce(sum(entry.entries_count) filter (where entry.labels = [named.framework]), 0) as n,
    coalesce(sum(entry.entries_count) filter (where len(entry.labels) = 1), 0) as base,
    true as is_complete_count,
    'no entry names exactly one' as no_interval_reason,
    -- Only an entry that does not say what it ran on is silent; one that names several has said it.
    n / nullif(sum(entry.entries_count) filter (where len(entry.labels) <= 1), 0) as bound_low,
    (n + coalesce(sum(entry.entries_count) filter (where len(entry.labels) = 0), 0))
        / nullif(sum(entry.entries_count) filter (where len(entry.labels) <= 1), 0) as bound_high,
    max(entry.as_of) as as_of, entry.source_id
from entry
join named
  on named.source_id = entry.source_id and named.competition = entry.competition and named.entry_group = entry.entry_group
group by entry.source_id, entry.competition, entry.entry_group, entry.round_year, named.framework;

comment on view metric.mlperf_entries is 'Of the MLPerf entries whose framework field names exactly one framework, how many name which. Entries that name several are never split into votes; see mlperf_label_sets.';
comment on column metric.mlperf_entries.population is 'Single-framework entries of training; of inference the closed and the open division, and the runs that a program made by trying all combinations.';
comment on column metric.mlperf_entries.n is 'Entries that name only this framework; 0 where the rounds of the year hold none.';
comment on column metric.mlperf_entries.base is 'Entries that name exactly one framework.';
comment on column metric.mlperf_entries.is_complete_count is 'True: the published rounds are counted whole, so nothing was sampled and share has no interval.';
comment on column metric.mlperf_entries.no_interval_reason is 'Why there is no interval where base is 0.';
comment on column metric.mlperf_entries.bound_low is 'Share if no entry that does not say what it ran on ran on it. Entries that name several are left out here too.';
comment on column metric.mlperf_entries.bound_high is 'Share if every entry that does not say what it ran on ran on it.';
