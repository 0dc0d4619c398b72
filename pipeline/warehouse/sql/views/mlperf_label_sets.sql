-- Grain: one row per competition, round and set of frameworks named together.
create or replace view main.mlperf_label_sets as
select
    competition,
    round,
    round_year,
    label_set,
    case when label_set = '' then 0 else len(string_split(label_set, '|')) end::integer as frameworks_count,
    entries_count,
    entries_count / sum(entries_count) over (partition by source_id, competition, round) as share,
    seen_at::date as as_of,
    source_id
from core.competition_entry;

comment on view main.mlperf_label_sets is 'Entries of each MLPerf round by the set of frameworks that their framework field names: the multi-label entries that no share may split into votes.';
comment on column main.mlperf_label_sets.competition is 'The competition.';
comment on column main.mlperf_label_sets.round is 'The round.';
comment on column main.mlperf_label_sets.round_year is 'Year in which the round''s results were published.';
comment on column main.mlperf_label_sets.label_set is 'Frameworks in alphabetical order joined by |; empty where the field names none (CUDA 12.3, NGC MLPerf v4.0).';
comment on column main.mlperf_label_sets.frameworks_count is 'Number of frameworks in the set; 1 counts in the series mlperf.training_entries.';
comment on column main.mlperf_label_sets.entries_count is 'Entries whose field names exactly this set.';
comment on column main.mlperf_label_sets.share is 'entries_count as a fraction of the round''s entries.';
comment on column main.mlperf_label_sets.as_of is 'Day of the snapshot.';
comment on column main.mlperf_label_sets.source_id is 'Where the figure comes from.';
