-- Grain: one row per benchmark run and variant that was measured in it: case, size, dtype, device, framework and mode.
create or replace view main.benchmark_history as
with worker as (
    select run_id, framework, device, arg_min(framework_version, launch_index) as framework_version
    from core.bench_worker
    group by run_id, framework, device
),
variant as (
    select
        run_id, case_name, size, dtype, device, framework, mode,
        arg_min(workload, launch_index) as workload
    from core.bench_variant
    group by run_id, case_name, size, dtype, device, framework, mode
),
measured as (
    select
        run.machine_id, run.run_id, run.started_at as measured_at,
        derived.case_name, derived.size, derived.dtype, derived.device, derived.framework, derived.mode,
        variant.workload,
        try_cast(run.settings ->> '$.threads_count' as integer) as threads_count,
        worker.framework_version,
        run.environment ->> '$.kernel' as kernel,
        run.environment ->> '$.python' as python_version,
        derived.step_seconds_median, derived.step_seconds_low, derived.step_seconds_high,
        derived.samples_count, derived.launches_count, derived.stability, derived.margin_fraction,
        coalesce(try_cast(run.settings ->> '$.is_quick' as boolean), false) as is_quick
    from core.derived_performance derived
    join core.bench_run run on run.run_id = derived.run_id
    join variant
      on variant.run_id = derived.run_id and variant.case_name = derived.case_name and variant.size = derived.size
     and variant.dtype = derived.dtype and variant.device = derived.device
     and variant.framework = derived.framework and variant.mode = derived.mode
    left join worker
      on worker.run_id = derived.run_id and worker.framework = derived.framework and worker.device = derived.device
)
select
    measured.machine_id,
    machine.is_imported,
    measured.run_id,
    measured.measured_at,
    measured.case_name,
    measured.size,
    measured.dtype,
    measured.device,
    measured.framework,
    measured.mode,
    measured.workload,
    measured.threads_count,
    measured.framework_version,
    measured.kernel,
    measured.python_version,
    measured.step_seconds_median,
    measured.step_seconds_low,
    measured.step_seconds_high,
    measured.samples_count,
    measured.launches_count,
    measured.stability,
    measured.margin_fraction,
    row_number() over series as run_number,
    lag(measured.run_id) over series as previous_run_id,
    lag(measured.measured_at) over series as previous_measured_at,
    lag(measured.framework_version) over series as previous_framework_version,
    lag(measured.step_seconds_median) over series as previous_step_seconds_median,
    measured.step_seconds_median / lag(measured.step_seconds_median) over series as change_ratio,
    measured.is_quick
from measured
join core.machine machine on machine.machine_id = measured.machine_id
-- Other work or other threads are another thing, and never compared with this.
window series as (
    partition by measured.machine_id, measured.case_name, measured.size, measured.dtype, measured.device,
        measured.framework, measured.mode, measured.workload, measured.threads_count
    order by measured.measured_at, measured.run_id
);

comment on view main.benchmark_history is 'Every benchmark run of every machine, each step time beside the one of the run before it that did the same work with the same number of threads. Versions may differ from run to run; they stand beside it.';
comment on column main.benchmark_history.machine_id is 'The machine; see machines.';
comment on column main.benchmark_history.is_imported is 'True where the results came in a file from another machine.';
comment on column main.benchmark_history.run_id is 'The run.';
comment on column main.benchmark_history.measured_at is 'When the run started, UTC.';
comment on column main.benchmark_history.case_name is 'What is computed.';
comment on column main.benchmark_history.size is 'small or large.';
comment on column main.benchmark_history.dtype is 'Number type of inputs and weights.';
comment on column main.benchmark_history.device is 'Where it ran.';
comment on column main.benchmark_history.framework is 'Framework.';
comment on column main.benchmark_history.mode is 'eager, compiled, or xla: compiled through XLA where that is not how the framework compiles by itself; in full runs also such a mode with a further setting (see further_modes).';
comment on column main.benchmark_history.workload is 'What the size means, in words; with another one a new series begins.';
comment on column main.benchmark_history.threads_count is 'Threads every framework was given; with another number a new series begins.';
comment on column main.benchmark_history.framework_version is 'Version as the framework states it.';
comment on column main.benchmark_history.kernel is 'Version of the system''s kernel.';
comment on column main.benchmark_history.python_version is 'Version of Python.';
comment on column main.benchmark_history.step_seconds_median is 'Median seconds of one step in this run.';
comment on column main.benchmark_history.step_seconds_low is 'Lower end of its 95 % interval within the run.';
comment on column main.benchmark_history.step_seconds_high is 'Upper end of that interval.';
comment on column main.benchmark_history.samples_count is 'Timed blocks of steps behind it.';
comment on column main.benchmark_history.launches_count is 'Processes they come from.';
comment on column main.benchmark_history.stability is 'stable, unstable or too few samples; see performance.';
comment on column main.benchmark_history.margin_fraction is 'By how much step times must differ to be called different.';
comment on column main.benchmark_history.run_number is 'Place in the series, from 1 for the oldest run.';
comment on column main.benchmark_history.previous_run_id is 'The run before it in the series; null for the first.';
comment on column main.benchmark_history.previous_measured_at is 'When that run started, UTC.';
comment on column main.benchmark_history.previous_framework_version is 'Version of the framework in that run.';
comment on column main.benchmark_history.previous_step_seconds_median is 'Median seconds of one step in that run.';
comment on column main.benchmark_history.change_ratio is 'This run''s median over the one before: 1.1 is a tenth slower. `observatory bench --compare` gives its interval.';
comment on column main.benchmark_history.is_quick is 'Whether it was a quick run: one launch, few and short samples.';
