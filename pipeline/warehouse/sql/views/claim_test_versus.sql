-- Grain: one row per test of the kind versus and period: complete counts of two tools, or of the best of several.
-- Without a population a tool stands for itself where it is counted most: packages that install one another are never
-- added.
create or replace view claim_test.versus as
with asked as (
    select
        claim_id, place, series_id, population, string_split(framework, '|') as firsts, string_split(other, '|') as others
    from ref.claim_test
    where kind = 'versus'
),
counted as (
    select
        asked.claim_id, asked.place, coalesce(asked.population, 'each where it is counted most') as population,
        found.period_start, found.period_end, list_contains(asked.firsts, found.framework) as is_first, max(found.n)::double as n,
        bool_or(found.is_preliminary) as is_preliminary, min(found.as_of) as as_of, min(found.source_id) as source_id
    from asked
    join core.claim_figure found
      on found.series_id = asked.series_id and found.population = coalesce(asked.population, found.population)
     and (list_contains(asked.firsts, found.framework) or list_contains(asked.others, found.framework))
    group by
        asked.claim_id, asked.place, asked.population, found.period_start, found.period_end, found.framework,
        list_contains(asked.firsts, found.framework)
)
select
    claim_id, place, null::varchar as machine_id, population, period_start, period_end, 'share of both' as unit,
    max(n) filter (is_first) / (max(n) filter (is_first) + max(n) filter (not is_first)) as value,
    value as value_low, value as value_high, max(n) filter (is_first) as n,
    max(n) filter (is_first) + max(n) filter (not is_first) as base, bool_or(is_preliminary) as is_preliminary,
    min(as_of) as as_of, min(source_id) as source_id, 'adoption' as view_name
from counted
group by claim_id, place, population, period_start, period_end
having count(*) filter (is_first) > 0 and count(*) filter (not is_first) > 0;

comment on view claim_test.versus is 'Tests of which of two tools is counted more often, in a complete count.';
comment on column claim_test.versus.value is 'Part of the first in both together, 0 to 1; of several named, the one that is counted most.';
