-- Grain: one row per test of the kind rank and period: the place of a framework among all of its series and population.
create or replace view claim_test.rank as
select
    test.claim_id, test.place, null::varchar as machine_id, found.population, found.period_start, found.period_end,
    'place' as unit,
    min(found.first_place)::double as value,
    -- Surely ahead of it are those that lead it; it is surely ahead of those that it leads.
    (1 + count(*) filter (where found.leader = found.second))::double as value_low,
    (1 + count(*) filter (where found.leader <> found.first))::double as value_high,
    min(found.first_n)::double as n, min(found.subjects_count)::double as base,
    bool_or(found.is_preliminary) as is_preliminary, min(found.as_of) as as_of, min(found.source_id) as source_id,
    'pairwise' as view_name
from ref.claim_test test
join core.claim_pair found
  on found.series_id = test.series_id and found.first = test.framework and found.population = test.population
where test.kind = 'rank'
group by test.claim_id, test.place, found.population, found.period_start, found.period_end;

comment on view claim_test.rank is 'Tests of a place among the deep-learning frameworks and front-ends of a series, at every period on file.';
comment on column claim_test.rank.value is 'Place, 1 has most; its interval runs over those that are neither surely ahead nor surely behind.';
