-- Grain: one row per machine, device, framework, mode and network that is trained; of several numbers of threads, that of
-- the newest run.
create or replace view main.idioms as
with found as (
    select
        machine_id,
        max(measured_at) as measured_at,
        device,
        threads_count,
        framework,
        mode,
        split_part(measure, ', ', 1) as network,
        max(framework_version) as framework_version,
        max(outcome) as outcome,
        min(message) as message,
        max(value_median) filter (ends_with(measure, ', operations')) as operations_seconds,
        max(value_median) filter (ends_with(measure, ', layers')) as layers_seconds,
        max(value_median) filter (ends_with(measure, ' over operations')) as ratio,
        max(value_lowest) filter (ends_with(measure, ' over operations')) as ratio_lowest,
        max(value_highest) filter (ends_with(measure, ' over operations')) as ratio_highest,
        min(figures_count) as rounds_count
    from main.special_measurements
    where probe_name = 'idiom'
    group by machine_id, device, threads_count, framework, mode, network
    qualify row_number() over (
        partition by machine_id, device, framework, mode, network order by max(measured_at) desc, threads_count
    ) = 1
)
select
    machine_id,
    measured_at,
    device,
    threads_count,
    framework,
    framework_version,
    mode,
    network,
    outcome,
    message,
    operations_seconds,
    layers_seconds,
    ratio,
    ratio_lowest,
    ratio_highest,
    rounds_count
from found;

comment on view main.idioms is 'What layers and an optimiser cost: the same training step as the framework''s users write it (PyTorch: torch.nn and torch.optim; TensorFlow: layers and optimiser of Keras in a loop of one''s own; JAX: Flax and Optax; Keras: its layers and train_on_batch) and in its plain operations, from the same weights on the same batch. Loss and gradients of the first step are held against the reference before anything is timed; the two take turns in one process.';
comment on column main.idioms.machine_id is 'The machine; see machines.';
comment on column main.idioms.measured_at is 'When the newest of the runs started, UTC.';
comment on column main.idioms.device is 'Where it ran.';
comment on column main.idioms.threads_count is 'Threads that the framework was given.';
comment on column main.idioms.framework is 'Framework; keras_… is Keras on that backend, whose plain operations are those of keras.ops in a model of one''s own, stepped by train_on_batch too.';
comment on column main.idioms.framework_version is 'Version of the framework; null without a figure.';
comment on column main.idioms.mode is 'eager, compiled or xla, of both ways.';
comment on column main.idioms.network is 'MLP or CNN: the networks of mlp_training and cnn_training at their small size, batches of 32 and 8.';
comment on column main.idioms.outcome is 'measured, or why there is no figure: unsupported where no program as users write it is on file, or what it needs is not installed.';
comment on column main.idioms.message is 'What the framework or the harness said where there is no figure.';
comment on column main.idioms.operations_seconds is 'Seconds of a step in plain operations: the median of rounds, each the median of five blocks after a warm-up.';
comment on column main.idioms.layers_seconds is 'Seconds of a step by layers and optimiser; likewise.';
comment on column main.idioms.ratio is 'Seconds by layers and optimiser over those by plain operations: the median of rounds, each the median of five pairs of neighbouring blocks; above 1 the convenience costs time.';
comment on column main.idioms.ratio_lowest is 'The lowest ratio of a round.';
comment on column main.idioms.ratio_highest is 'The highest ratio of a round.';
comment on column main.idioms.rounds_count is 'Rounds, each a fresh process, that the figures are the medians of.';
