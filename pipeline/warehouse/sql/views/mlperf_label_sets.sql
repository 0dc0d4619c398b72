-- Grain: one row per competition, round, group of entries and set of frameworks named together.
-- The newest training rounds are kept by system, and count together where systems name the same set. A round that is
-- shipped as well counts as shipped.
create or replace view main.mlperf_label_sets as
with entry as (
    from core.competition_entry
    union all by name
    select
        source_id, any_value(page_sha256) as page_sha256, max(seen_at) as seen_at, competition, round, round_year,
        'all entries' as entry_group, label_set, sum(entries_count)::integer as entries_count
    from core.competition_system read
    where not exists (
        select 1 from core.competition_entry shipped
        where shipped.competition = read.competition and shipped.round = read.round
    )
    group by source_id, competition, round, round_year, label_set
)
select
    competition,
    round,
    round_year,
    entry_group,
    label_set,
    case when label_set in ('', 'unresolved') then 0 else len(string_split(label_set, '|')) end::integer as frameworks_count,
    entries_count,
    entries_count / sum(entries_count) over (partition by source_id, competition, round, entry_group) as share,
    seen_at::date as as_of,
    source_id
from entry;

comment on view main.mlperf_label_sets is 'Entries of each MLPerf round by the set of frameworks that their framework field names: the multi-label entries that no share may split into votes.';
comment on column main.mlperf_label_sets.competition is 'The competition.';
comment on column main.mlperf_label_sets.round is 'The round.';
comment on column main.mlperf_label_sets.round_year is 'Year in which the round''s results were published.';
comment on column main.mlperf_label_sets.entry_group is 'All entries of training; of inference the closed division, the open division, or automated runs, which a program made by trying all combinations.';
comment on column main.mlperf_label_sets.label_set is 'Frameworks in alphabetical order joined by |; empty where the field is, unresolved where its words do not say which it was (CUDA 12.3, NGC MLPerf v4.0).';
comment on column main.mlperf_label_sets.frameworks_count is 'Number of frameworks in the set; 1 counts in the series mlperf.training_entries and mlperf.inference_entries.';
comment on column main.mlperf_label_sets.entries_count is 'Entries whose field names exactly this set.';
comment on column main.mlperf_label_sets.share is 'entries_count as a fraction of the entries of the round''s group.';
comment on column main.mlperf_label_sets.as_of is 'Day of the snapshot.';
comment on column main.mlperf_label_sets.source_id is 'Where the figure comes from.';
