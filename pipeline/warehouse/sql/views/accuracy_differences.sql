-- Grain: one row per machine, device, framework and mode that trained the same network, in the run that accuracy_equivalence
-- tells of.
create or replace view main.accuracy_differences as
with paired as (
    select
        own.machine_id, own.measured_at, own.workload, own.device, own.framework, own.mode, own.accuracy,
        own.accuracy - reference.accuracy as difference
    from trained_accuracies() own
    left join trained_accuracies() reference
      on reference.machine_id = own.machine_id and reference.device = own.device
     and reference.round_index = own.round_index and reference.repetition = own.repetition
     and reference.framework = compared_frameworks()[1] and reference.mode = 'eager'
),
summed as (
    select
        machine_id, device, framework, mode, max(measured_at) as measured_at, max(workload) as workload,
        count(*) as starts_count, 0.01 as margin,
        favg(accuracy) as accuracy,
        t_quantile(count(*) - 1) * stddev_samp(accuracy order by accuracy) / sqrt(count(*)) as reach,
        favg(difference) as difference,
        t_quantile(count(difference) - 1) * stddev_samp(difference order by difference) / sqrt(count(difference))
            as difference_reach
    from paired
    group by machine_id, device, framework, mode
),
bounded as (
    select
        machine_id, device, framework, mode, measured_at, workload, starts_count, margin,
        round(accuracy, 9) as accuracy, round(accuracy - reach, 9) as accuracy_low,
        round(accuracy + reach, 9) as accuracy_high,
        round(difference, 9) as difference, round(difference - difference_reach, 9) as difference_low,
        round(difference + difference_reach, 9) as difference_high
    from summed
)
select
    machine_id,
    device,
    framework,
    mode,
    measured_at,
    workload,
    starts_count,
    accuracy,
    accuracy_low,
    accuracy_high,
    difference,
    difference_low,
    difference_high,
    margin,
    case
        when framework = compared_frameworks()[1] and mode = 'eager' then 'reference'
        when difference_low is null then 'not comparable'
        when difference_low > margin then 'more accurate'
        when difference_high < -margin then 'less accurate'
        when difference_low >= -margin and difference_high <= margin then 'same'
        else 'no difference shown'
    end as verdict
from bounded;

comment on view main.accuracy_differences is 'How accurate a framework and mode is after the same training from the same starting points, with what each differs from PyTorch''s eager mode by, and whether that is within a margin fixed beforehand (two one-sided tests by the interval of 95 %, which is stricter than the usual one of 90 %).';
comment on column main.accuracy_differences.machine_id is 'The machine; see machines.';
comment on column main.accuracy_differences.device is 'Where it trained.';
comment on column main.accuracy_differences.framework is 'Framework; keras_… is Keras on that backend.';
comment on column main.accuracy_differences.mode is 'Its mode.';
comment on column main.accuracy_differences.measured_at is 'When the run started, UTC.';
comment on column main.accuracy_differences.workload is 'What was trained and told, in words.';
comment on column main.accuracy_differences.starts_count is 'Starting points: each with its own weights; of handwritten digits also with its own batches and dropout.';
comment on column main.accuracy_differences.accuracy is 'Mean share of held-out subjects that were told right, over the starting points.';
comment on column main.accuracy_differences.accuracy_low is 'Lower end of its 95 % interval over starting points (Student''s t); that other subjects could have been held out is not in it. Null of one start.';
comment on column main.accuracy_differences.accuracy_high is 'Upper end.';
comment on column main.accuracy_differences.difference is 'Mean difference to PyTorch''s eager mode from the same starting points, as a fraction; positive where this one is more accurate. Null where that one did not train.';
comment on column main.accuracy_differences.difference_low is 'Lower end of its 95 % interval, by the differences within starting points; it has no width where all are equal.';
comment on column main.accuracy_differences.difference_high is 'Upper end.';
comment on column main.accuracy_differences.margin is 'By how much accuracies may differ to be called the same: 0.01, a percentage point.';
comment on column main.accuracy_differences.verdict is 'reference; same where the whole interval lies within the margin; more accurate or less accurate where it lies wholly beyond; no difference shown otherwise; not comparable where fewer than two starting points are shared.';
