-- Grain: one row per machine that trained the same network from the same weights in more than one framework or mode.
create or replace view main.accuracy_equivalence as
with by_weights as (
    select
        machine_id, max(measured_at) as measured_at, max(workload) as workload, round_index, repetition,
        max(accuracy) - min(accuracy) as difference, avg(accuracy order by accuracy) as accuracy
    from trained_accuracies()
    group by machine_id, round_index, repetition
    having count(*) > 1
),
by_variant as (
    select machine_id, framework, mode, avg(accuracy order by accuracy) as accuracy
    from trained_accuracies()
    group by machine_id, framework, mode
)
select
    by_weights.machine_id,
    max(by_weights.measured_at) as measured_at,
    max(by_weights.workload) as workload,
    count(*) as starts_count,
    (select count(*) from by_variant where by_variant.machine_id = by_weights.machine_id) as variants_count,
    (select min(accuracy) from by_variant where by_variant.machine_id = by_weights.machine_id) as lowest_accuracy,
    (select max(accuracy) from by_variant where by_variant.machine_id = by_weights.machine_id) as highest_accuracy,
    max(by_weights.difference) as widest_difference,
    stddev_samp(by_weights.accuracy order by by_weights.accuracy) as starts_deviation
from by_weights
group by by_weights.machine_id;

comment on view main.accuracy_equivalence is 'Whether the same network, trained on the same data from the same weights, ends with the same accuracy in every framework and mode, in the run of each machine that trained in the most of them, the newest such.';
comment on column main.accuracy_equivalence.machine_id is 'The machine; see machines.';
comment on column main.accuracy_equivalence.measured_at is 'When the run started, UTC.';
comment on column main.accuracy_equivalence.workload is 'What was trained and told, in words; earlier versions trained on votes, later ones on handwritten digits.';
comment on column main.accuracy_equivalence.starts_count is 'Sets of starting weights.';
comment on column main.accuracy_equivalence.variants_count is 'Frameworks and modes that trained from them.';
comment on column main.accuracy_equivalence.lowest_accuracy is 'Mean accuracy of the least accurate framework and mode.';
comment on column main.accuracy_equivalence.highest_accuracy is 'Mean accuracy of the most accurate one.';
comment on column main.accuracy_equivalence.widest_difference is 'The greatest difference between any two of them from the same starting weights.';
comment on column main.accuracy_equivalence.starts_deviation is 'Standard deviation of the accuracy over the starting weights: what chance alone does.';
