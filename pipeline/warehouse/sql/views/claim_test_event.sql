-- Grain: one row per test of the kind event, for the time named; and another for later, where it happened after that.
create or replace view claim_test.event as
with asked as (
    select
        test.claim_id, test.place, test.measure, test.period_start as said_start, test.period_end as said_end,
        event.tool || ': ' || event.happened as population, event.happened_on
    from ref.claim_test test
    join main.events event on event.event_id = test.population
    where test.kind = 'event'
),
state as (
    select
        claim_id, place, measure, population, happened_on,
        case when happened_on <= coalesce(said_end, happened_on) then happened_on else said_start end as period_start,
        coalesce(said_end, happened_on) as period_end,
        (happened_on <= coalesce(said_end, happened_on))::integer::double as has_happened
    from asked
    union all by name
    select
        claim_id, place, measure, population, happened_on, happened_on as period_start, happened_on as period_end,
        1::double as has_happened
    from asked
    where happened_on > said_end
)
select
    claim_id, place, null::varchar as machine_id, population, period_start, period_end,
    case measure when 'year' then 'year' else 'happened' end as unit,
    case measure when 'year' then year(happened_on) else has_happened end::double as value,
    value as value_low, value as value_high, null::double as n, null::double as base, false as is_preliminary,
    happened_on as as_of, null::varchar as source_id, 'events' as view_name
from state;

comment on view claim_test.event is 'Tests by a dated fact: had it happened by the end of the time that the claim is about?';
comment on column claim_test.event.value is '1 where it had happened, else 0; of the measure year, the year in which it did.';
