-- Grain: one row a timed block of steps.
create or replace view main.benchmark_samples as
select
    sample.run_id,
    run.machine_id,
    run.started_at as measured_at,
    sample.case_name,
    sample.size,
    sample.dtype,
    sample.device,
    sample.framework,
    sample.mode,
    sample.launch_index,
    sample.round_index,
    sample.order_index,
    sample.steps_count,
    sample.step_seconds,
    sample.cpu_seconds,
    sample.other_cpus,
    sample.is_disturbed
from core.bench_sample sample
join core.bench_run run on run.run_id = sample.run_id;

comment on view main.benchmark_samples is 'Every timed block of every benchmark run; none is left out, disturbed ones are marked.';
comment on column main.benchmark_samples.run_id is 'The run.';
comment on column main.benchmark_samples.machine_id is 'The machine; see machines.';
comment on column main.benchmark_samples.measured_at is 'When the run started, UTC.';
comment on column main.benchmark_samples.case_name is 'What is computed.';
comment on column main.benchmark_samples.size is 'small or large.';
comment on column main.benchmark_samples.dtype is 'Number type of inputs and weights.';
comment on column main.benchmark_samples.device is 'Where it ran.';
comment on column main.benchmark_samples.framework is 'Framework.';
comment on column main.benchmark_samples.mode is 'eager, compiled, or xla: compiled through XLA where that is not how the framework compiles by itself.';
comment on column main.benchmark_samples.launch_index is 'Which of the run''s processes, from 0.';
comment on column main.benchmark_samples.round_index is 'Which round over everything, from 0; only samples of one launch and round are compared.';
comment on column main.benchmark_samples.order_index is 'Place within the round; the order is drawn anew for each.';
comment on column main.benchmark_samples.steps_count is 'Steps in the block, sized so that it lasts at least 50 ms (30 ms in a quick run) and 3 steps.';
comment on column main.benchmark_samples.step_seconds is 'Seconds of one step by the wall clock, waiting for the last result included.';
comment on column main.benchmark_samples.cpu_seconds is 'Processor seconds of one step, over all threads of the child.';
comment on column main.benchmark_samples.other_cpus is 'Processors that anything else kept busy meanwhile, stolen time included; null where the system does not tell.';
comment on column main.benchmark_samples.is_disturbed is 'True where other load and the measured threads together needed more processors than there are.';
