-- Grain: one row per test of the kind special and machine: one framework and mode against another in a special measurement.
create or replace view claim_test.special as
select
    test.claim_id, test.place, one.machine_id, machine.title || ': ' || one.probe_name || ', ' || one.measure as population,
    max(one.measured_at)::date as period_start, max(one.measured_at)::date as period_end, 'times as fast' as unit,
    median(other.value_median / one.value_median) as value,
    min(other.value_lowest / one.value_highest) as value_low,
    max(other.value_highest / one.value_lowest) as value_high,
    least(min(one.figures_count), min(other.figures_count))::double as n, null::double as base, false as is_preliminary,
    max(one.measured_at)::date as as_of, null::varchar as source_id, 'special_measurements' as view_name
from ref.claim_test test
join main.special_measurements one
  on one.framework = test.framework and one.mode = test.mode and one.probe_name || ': ' || one.measure = test.measure
join main.special_measurements other
  on other.framework = test.other and other.mode = test.other_mode and other.machine_id = one.machine_id
 and other.probe_name = one.probe_name and other.measure = one.measure and other.device = one.device
 and other.threads_count = one.threads_count and other.workload = one.workload
join core.machine machine on machine.machine_id = one.machine_id
where test.kind = 'special' and one.outcome = 'measured' and other.outcome = 'measured' and one.value_lowest > 0
group by test.claim_id, test.place, one.machine_id, machine.title, one.probe_name, one.measure;

comment on view claim_test.special is 'Tests by a special measurement: start-up, dispatch, data loading.';
comment on column claim_test.special.value is 'How many times as fast the framework is, that is how many times as long the other one takes; the range is by the lowest and highest figures of both.';
comment on column claim_test.special.n is 'Figures of the side that has fewer.';
