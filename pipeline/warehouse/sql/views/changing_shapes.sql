-- Grain: one row per machine, device, framework, mode and network that is run; of several numbers of threads, that of the
-- newest run.
create or replace view main.changing_shapes as
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
        -- Every round has this figure, or says why not; graphs are left out where nothing counts them.
        max(outcome) filter (ends_with(measure, ', shapes')) as outcome,
        min(message) filter (ends_with(measure, ', shapes')) as message,
        max(value_median) filter (ends_with(measure, ', shapes')) as shapes_count,
        max(value_median) filter (ends_with(measure, ', graphs')) as graphs_count,
        max(value_median) filter (ends_with(measure, ', further shapes')) as further_shapes_seconds,
        max(value_median) filter (ends_with(measure, ' over fixed')) as step_ratio,
        max(value_lowest) filter (ends_with(measure, ' over fixed')) as step_ratio_lowest,
        max(value_highest) filter (ends_with(measure, ' over fixed')) as step_ratio_highest,
        min(figures_count) filter (ends_with(measure, ', shapes')) as rounds_count
    from main.special_measurements
    where probe_name = 'changing_shapes'
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
    shapes_count,
    graphs_count,
    further_shapes_seconds,
    step_ratio,
    step_ratio_lowest,
    step_ratio_highest,
    rounds_count
from found;

comment on view main.changing_shapes is 'What batches of several sizes cost a compiled step: how many graphs the framework makes of them, what a first step at each further size takes, and what a step then takes beside one compiled for that size alone. By each framework''s default, and by what it offers against compiling anew. At every size the outputs (of training, loss and gradients) are held against the reference; no compiler finds anything in a cache.';
comment on column main.changing_shapes.machine_id is 'The machine; see machines.';
comment on column main.changing_shapes.measured_at is 'When the newest of the runs started, UTC.';
comment on column main.changing_shapes.device is 'Where it ran.';
comment on column main.changing_shapes.threads_count is 'Threads that the framework was given.';
comment on column main.changing_shapes.framework is 'Framework, of Keras with its backend.';
comment on column main.changing_shapes.framework_version is 'Version of the framework; null without a figure.';
comment on column main.changing_shapes.mode is 'How it is compiled. PyTorch: compiled, automatic is torch.compile as it comes, which takes a size that has changed once as one that changes; compiled, dynamic is dynamic=True, the weights'' shapes fixed as a module''s are. TensorFlow: compiled is tf.function as it comes, compiled, open signature the same with an input_signature whose first size is None, xla the first through XLA. JAX: jax.jit, which has nothing else. Keras on TensorFlow and on JAX: compiled is what a model compiles by itself; xla is jit_compile=True, which a processor has to be asked for. Keras on PyTorch compiles nothing by itself, and its outcome says why what it is told to compile is not measured. tinygrad: a TinyJit for each size, since one refuses shapes other than those that it captured.';
comment on column main.changing_shapes.network is 'MLP, a training step of 784-256-10 by plain gradient descent, or transformer, two encoder layers run forward: those of mlp_training and transformer_inference.';
comment on column main.changing_shapes.outcome is 'measured, or why there is no figure.';
comment on column main.changing_shapes.message is 'What the framework or the harness said where there is no figure.';
comment on column main.changing_shapes.shapes_count is 'Batches of different sizes, one after the other.';
comment on column main.changing_shapes.graphs_count is 'Graphs made for them, as the framework counts: PyTorch''s counter unique_graphs, the tracing count of the tf.function, the cache size of the jitted function, what TinyJit captured. The median of rounds, and the same in each where nothing is wrong. Null where nothing counts: of Keras''s xla, TensorFlow counts the graph that is traced and not what XLA makes of it for each size.';
comment on column main.changing_shapes.further_shapes_seconds is 'Seconds that the first steps at all sizes but the first took together, compiling included: the median of rounds.';
comment on column main.changing_shapes.step_ratio is 'Seconds of a step at the last size, when all sizes have been seen, over those of a step compiled for that size alone: the median of rounds, each the median of five pairs of neighbouring blocks; above 1, what was compiled for several sizes is slower.';
comment on column main.changing_shapes.step_ratio_lowest is 'The lowest ratio of a round.';
comment on column main.changing_shapes.step_ratio_highest is 'The highest ratio of a round.';
comment on column main.changing_shapes.rounds_count is 'Rounds, each a fresh process, that the figures are the medians of.';
