-- Grain: one row a year and framework, over the MLPerf Training rounds published in that year.
-- Frameworks named in any round have a row in every year: the rounds at hand are complete, so 0 is a count.
create or replace view metric.mlperf_training_entries as
with entry as (
    select
        source_id, round_year, entries_count, seen_at,
        case when label_set = '' then [] else string_split(label_set, '|') end as labels
    from core.competition_entry
    where competition = 'MLPerf Training'
),
year_total as (
    select
        source_id, round_year,
        coalesce(sum(entries_count) filter (where len(labels) = 1), 0) as single_count,
        coalesce(sum(entries_count) filter (where len(labels) = 0), 0) as none_count,
        max(seen_at)::date as as_of
    from entry
    group by source_id, round_year
),
named as (
    select distinct source_id, unnest(labels) as framework from entry
),
counted as (
    select
        year_total.source_id, year_total.round_year, named.framework,
        year_total.single_count, year_total.none_count, year_total.as_of,
        coalesce(sum(entry.entries_count) filter (where len(entry.labels) = 1), 0) as n
    from year_total
    join named on named.source_id = year_total.source_id
    left join entry
      on entry.source_id = year_total.source_id and entry.round_year = year_total.round_year
     and list_contains(entry.labels, named.framework)
    group by all
)
select
    'mlperf.training_entries' as series_id,
    'single-framework entries' as population,
    make_date(counted.round_year, 1, 1) as period_start,
    make_date(counted.round_year, 12, 31) as period_end,
    counted.framework,
    'entries' as measure,
    counted.n::bigint as n,
    counted.single_count::bigint as base,
    case when counted.single_count > 0 then counted.n / counted.single_count end as share,
    wilson_low(counted.n, counted.single_count) as interval_low,
    wilson_high(counted.n, counted.single_count) as interval_high,
    case when counted.single_count > 0 then 'Wilson 95 %' else 'none: no entry names exactly one' end as interval_method,
    -- Only an entry that names nothing is silent; one that names several has said what it ran on.
    case when counted.single_count + counted.none_count > 0
         then counted.n / (counted.single_count + counted.none_count) end as bound_low,
    case when counted.single_count + counted.none_count > 0
         then (counted.n + counted.none_count) / (counted.single_count + counted.none_count) end as bound_high,
    null::varchar as wording_id,
    segment.break_id,
    counted.as_of,
    counted.source_id,
    null::varchar as ruleset_id,
    false as is_preliminary
from counted
left join metric.series_segment segment
  on segment.series_id = 'mlperf.training_entries'
 and (segment.population = 'single-framework entries'
      or (segment.population is null and not list_contains(segment.other_populations, 'single-framework entries')))
 and segment.starts_on <= make_date(counted.round_year, 1, 1)
 and make_date(counted.round_year, 1, 1) < segment.ends_before;

comment on view metric.mlperf_training_entries is 'Of the MLPerf Training entries whose framework field names exactly one framework, how many name which. Entries that name several are never split into votes; see mlperf_label_sets.';
comment on column metric.mlperf_training_entries.series_id is 'mlperf.training_entries.';
comment on column metric.mlperf_training_entries.population is 'single-framework entries.';
comment on column metric.mlperf_training_entries.period_start is '1 January of the year in which the rounds were published.';
comment on column metric.mlperf_training_entries.period_end is '31 December of that year.';
comment on column metric.mlperf_training_entries.framework is 'The framework.';
comment on column metric.mlperf_training_entries.measure is 'entries.';
comment on column metric.mlperf_training_entries.n is 'Entries that name only this framework; 0 where the rounds of the year hold none.';
comment on column metric.mlperf_training_entries.base is 'Entries that name exactly one framework.';
comment on column metric.mlperf_training_entries.share is 'n / base; null where base is 0.';
comment on column metric.mlperf_training_entries.interval_low is 'Lower end of the 95 % Wilson interval of share. Entries of one submitter hang together, so it is too narrow.';
comment on column metric.mlperf_training_entries.interval_high is 'Upper end of the 95 % Wilson interval of share. Entries of one submitter hang together, so it is too narrow.';
comment on column metric.mlperf_training_entries.interval_method is 'How the interval was made, or why there is none.';
comment on column metric.mlperf_training_entries.bound_low is 'Share if no entry that names nothing ran on it. Entries that name several are left out here too.';
comment on column metric.mlperf_training_entries.bound_high is 'Share if every entry that names nothing ran on it.';
comment on column metric.mlperf_training_entries.wording_id is 'Null: no survey.';
comment on column metric.mlperf_training_entries.break_id is 'The segment of the series.';
comment on column metric.mlperf_training_entries.as_of is 'Day of the snapshot.';
comment on column metric.mlperf_training_entries.source_id is 'Where the figure comes from.';
comment on column metric.mlperf_training_entries.ruleset_id is 'Null: the field is the submitter''s own.';
comment on column metric.mlperf_training_entries.is_preliminary is 'Always false.';
