-- Grain: one row per test of the kind accuracy and machine that trained the same network in several frameworks.
create or replace view claim_test.accuracy as
select
    test.claim_id, test.place, found.machine_id, machine.title as population, found.measured_at::date as period_start,
    found.measured_at::date as period_end, 'difference' as unit, found.widest_difference as value,
    found.widest_difference as value_low, found.widest_difference as value_high, found.starts_count::double as n,
    null::double as base,
    (found.widest_difference <= greatest(tolerance.within, 2 * coalesce(found.starts_deviation, 0)))::integer as for_count,
    1 - for_count as against_count, 0 as same_count, 1 as cases_count,
    false as is_preliminary, found.measured_at::date as as_of, null::varchar as source_id,
    'accuracy_equivalence' as view_name
from ref.claim_test test
join ref.claim said on said.claim_id = test.claim_id
join ref.claim_tolerance tolerance on tolerance.tolerance_class = coalesce(test.tolerance_class, said.tolerance_class)
join main.accuracy_equivalence found on true
join core.machine machine on machine.machine_id = found.machine_id
where test.kind = 'accuracy';

comment on view claim_test.accuracy is 'Tests of equal accuracy after the same training.';
comment on column claim_test.accuracy.value is 'Greatest difference of accuracy between two frameworks or modes from the same starting weights, as a fraction.';
comment on column claim_test.accuracy.n is 'Sets of starting weights.';
