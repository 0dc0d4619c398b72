-- Grain: one row per test of the kind entries: MLPerf training entries of one round that name a framework.
create or replace view claim_test.entries as
select
    test.claim_id, test.place, null::varchar as machine_id, found.competition || ' ' || found.round as population,
    make_date(min(found.round_year), 1, 1) as period_start, make_date(max(found.round_year), 12, 31) as period_end,
    'count' as unit,
    coalesce(sum(found.entries_count) filter (where list_contains(string_split(found.label_set, '|'), test.framework)), 0)
        ::double as value,
    value as value_low,
    -- What could not be resolved may be it.
    value + coalesce(sum(found.entries_count) filter (where found.label_set = 'unresolved'), 0) as value_high,
    value as n, sum(found.entries_count)::double as base, false as is_preliminary, max(found.as_of) as as_of,
    min(found.source_id) as source_id, 'mlperf_label_sets' as view_name
from ref.claim_test test
join main.mlperf_label_sets found on found.competition || ' ' || found.round = test.population
where test.kind = 'entries' and found.entry_group = 'all entries'
group by test.claim_id, test.place, test.framework, found.competition, found.round;

comment on view claim_test.entries is 'Tests of which frameworks stand in a round of MLPerf.';
comment on column claim_test.entries.value is 'Entries that name the framework; the interval ends with those that name it and all that could not be resolved.';
