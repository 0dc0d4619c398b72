-- Grain: one row per machine, framework, mode and network that is trained.
create or replace view main.several_processes as
with found as (
    select
        machine_id,
        max(measured_at) as measured_at,
        framework,
        mode,
        split_part(measure, ', ', 1) as network,
        max(framework_version) as framework_version,
        max(outcome) as outcome,
        min(message) as message,
        max(value_median) filter (ends_with(measure, 'one process')) as one_process_seconds,
        max(value_median) filter (ends_with(measure, 'two processes')) as two_processes_seconds,
        max(value_lowest) filter (ends_with(measure, 'one process')) as one_process_lowest,
        max(value_highest) filter (ends_with(measure, 'one process')) as one_process_highest,
        max(value_lowest) filter (ends_with(measure, 'two processes')) as two_processes_lowest,
        max(value_highest) filter (ends_with(measure, 'two processes')) as two_processes_highest,
        min(figures_count) as rounds_count
    from main.special_measurements
    where probe_name = 'several_processes'
    group by machine_id, framework, mode, network
)
select
    machine_id,
    measured_at,
    framework,
    framework_version,
    mode,
    network,
    outcome,
    message,
    one_process_seconds,
    two_processes_seconds,
    one_process_seconds / two_processes_seconds as speedup_ratio,
    one_process_lowest / two_processes_highest as speedup_lowest,
    one_process_highest / two_processes_lowest as speedup_highest,
    two_processes_seconds - one_process_seconds / 2 as overhead_seconds,
    rounds_count
from found;

comment on view main.several_processes is 'The same training step by one process with one thread, and shared by two such processes on this machine: each takes half of the same batch, and every step uses the mean of all gradients, held against those of one process before anything is timed. How much a second processor helps this way, and not what several machines would do.';
comment on column main.several_processes.machine_id is 'The machine; see machines.';
comment on column main.several_processes.measured_at is 'When the newest of the runs started, UTC.';
comment on column main.several_processes.framework is 'Framework; keras_… is Keras on that backend.';
comment on column main.several_processes.framework_version is 'Version of the framework; null without a figure.';
comment on column main.several_processes.mode is 'eager or compiled.';
comment on column main.several_processes.network is 'MLP or transformer: the networks of mlp_training and transformer_training at their large size, batches of 512 and 32.';
comment on column main.several_processes.outcome is 'measured, or why there is no figure: unsupported where the framework''s adapter knows no training by several processes.';
comment on column main.several_processes.message is 'What the framework or the harness said where there is no figure.';
comment on column main.several_processes.one_process_seconds is 'Seconds of a step by one process: the median of rounds, each the median of 12 steps after a warm-up.';
comment on column main.several_processes.two_processes_seconds is 'Seconds of a step that two processes share, exchange of the gradients included; likewise.';
comment on column main.several_processes.speedup_ratio is 'Seconds of one process over those of two: 2 at best, below 1 where sharing costs more than it brings.';
comment on column main.several_processes.speedup_lowest is 'The lowest that the rounds allow: quickest of one process over slowest of two.';
comment on column main.several_processes.speedup_highest is 'The highest that the rounds allow: slowest of one process over quickest of two.';
comment on column main.several_processes.overhead_seconds is 'Seconds of a shared step beyond half a step of one process: exchange, waiting, and what does not halve; below zero where half the batch takes less than half the time.';
comment on column main.several_processes.rounds_count is 'Rounds, each of three fresh processes, that the figures are the medians of.';
