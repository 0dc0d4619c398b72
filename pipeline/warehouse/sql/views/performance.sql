-- Grain: one row per case, size, dtype, device, framework, mode and machine: from the newest run on that machine that
-- attempted it; a run that left it out for time or was interrupted counts only where no other is known.
create or replace view main.performance as
with in_run as (
    select
        variant.run_id, run.machine_id, run.started_at, variant.case_name, variant.size, variant.dtype,
        variant.device, variant.framework, variant.mode,
        arg_min(variant.workload, variant.launch_index) as workload,
        -- What went wrong in any launch is told first; then whether something was measured.
        coalesce(
            arg_min(variant.outcome, variant.launch_index)
                filter (where variant.outcome <> 'measured' and not starts_with(variant.outcome, 'not run')),
            min(variant.outcome) filter (where variant.outcome = 'measured'),
            arg_min(variant.outcome, variant.launch_index)
        ) as outcome,
        arg_min(variant.message, variant.launch_index) filter (where variant.message is not null) as message,
        max(variant.peak_memory_bytes) as peak_memory_bytes,
        max(variant.device_peak_bytes) as device_peak_bytes,
        bool_and(variant.outputs_agree) as outputs_agree,
        max(variant.relative_error) as relative_error,
        any_value(cast(run.settings ->> '$.threads_count' as integer)) as threads_count
    from core.bench_variant variant
    join core.bench_run run on run.run_id = variant.run_id
    group by
        variant.run_id, run.machine_id, run.started_at, variant.case_name, variant.size, variant.dtype,
        variant.device, variant.framework, variant.mode
),
worker as (
    select
        run_id, framework, device,
        arg_min(framework_version, launch_index) as framework_version,
        arg_min(threads_count, launch_index) as threads_count
    from core.bench_worker
    group by run_id, framework, device
),
newest as (
    select
        in_run.run_id, in_run.machine_id, in_run.started_at, in_run.case_name, in_run.size, in_run.dtype,
        in_run.device, in_run.framework, in_run.mode, in_run.workload, in_run.outcome, in_run.message,
        in_run.peak_memory_bytes, in_run.device_peak_bytes, in_run.outputs_agree, in_run.relative_error,
        coalesce(worker.threads_count, in_run.threads_count) as threads_count, worker.framework_version
    from in_run
    left join worker
      on worker.run_id = in_run.run_id and worker.framework = in_run.framework and worker.device = in_run.device
    qualify row_number() over (
        partition by in_run.machine_id, in_run.case_name, in_run.size, in_run.dtype, in_run.device, in_run.framework,
            in_run.mode
        order by starts_with(in_run.outcome, 'not run'), in_run.started_at desc, in_run.run_id desc
    ) = 1
),
-- The newest build in which the compiler did not find its result in a cache, for each version and workload.
compiled as (
    select
        run.machine_id, variant.case_name, variant.size, variant.dtype, variant.device, variant.framework,
        variant.mode, variant.workload, worker.framework_version,
        variant.build_seconds + variant.first_step_seconds as compile_seconds
    from core.bench_variant variant
    join core.bench_run run on run.run_id = variant.run_id
    join worker
      on worker.run_id = variant.run_id and worker.framework = variant.framework and worker.device = variant.device
    where not variant.is_from_cache and variant.first_step_seconds is not null
    qualify row_number() over (
        partition by run.machine_id, variant.case_name, variant.size, variant.dtype, variant.device,
            variant.framework, variant.mode, variant.workload, worker.framework_version
        order by run.started_at desc, run.run_id desc, variant.launch_index
    ) = 1
)
select
    newest.case_name,
    newest.size,
    newest.dtype,
    newest.device,
    newest.framework,
    newest.mode,
    newest.machine_id,
    newest.threads_count,
    newest.framework_version,
    derived.step_seconds_median,
    derived.step_seconds_q25,
    derived.step_seconds_q75,
    derived.step_seconds_low,
    derived.step_seconds_high,
    coalesce(derived.samples_count, 0) as samples_count,
    coalesce(derived.launches_count, 0) as launches_count,
    derived.reference_framework,
    derived.ratio,
    derived.ratio_low,
    derived.ratio_high,
    derived.verdict,
    newest.peak_memory_bytes,
    compiled.compile_seconds,
    newest.outputs_agree,
    newest.relative_error,
    derived.stability,
    newest.outcome,
    newest.message,
    newest.run_id,
    newest.started_at as measured_at,
    newest.workload,
    derived.margin_fraction,
    machine.title as machine_title,
    machine.is_imported,
    newest.device_peak_bytes,
    (
        select count(*) from core.bench_sample sample
        where sample.run_id = newest.run_id and sample.case_name = newest.case_name and sample.size = newest.size
          and sample.dtype = newest.dtype and sample.device = newest.device
          and sample.framework = newest.framework and sample.mode = newest.mode and sample.attempt_index > 0
    ) as repeats_count
from newest
join core.machine machine on machine.machine_id = newest.machine_id
left join core.derived_performance derived
  on derived.run_id = newest.run_id and derived.case_name = newest.case_name and derived.size = newest.size
 and derived.dtype = newest.dtype and derived.device = newest.device and derived.framework = newest.framework
 and derived.mode = newest.mode
left join compiled
  on compiled.machine_id = newest.machine_id and compiled.case_name = newest.case_name
 and compiled.size = newest.size and compiled.dtype = newest.dtype and compiled.device = newest.device
 and compiled.framework = newest.framework and compiled.mode = newest.mode
 and compiled.workload = newest.workload and compiled.framework_version = newest.framework_version;

comment on view main.performance is 'How long one step of each benchmark case takes in each framework and mode on one machine, from its newest run there. It describes this machine, these versions and these sizes, nothing else.';
comment on column main.performance.case_name is 'What is computed, e.g. matmul or mlp_training.';
comment on column main.performance.size is 'small or large; workload says what that is.';
comment on column main.performance.dtype is 'Number type of inputs and weights; reduced-precision products are switched off.';
comment on column main.performance.device is 'Where it ran: cpu, or cuda, rocm, metal or tpu where the framework reports one.';
comment on column main.performance.framework is 'Framework; see the view frameworks.';
comment on column main.performance.mode is 'eager: operation by operation. compiled: torch.compile, tf.function or jax.jit. xla: compiled through XLA where that is not how the framework compiles by itself.';
comment on column main.performance.machine_id is 'The machine; see machines.';
comment on column main.performance.threads_count is 'Threads every framework was given, the same for all of a run.';
comment on column main.performance.framework_version is 'Version as the framework states it; null where it could not be started.';
comment on column main.performance.step_seconds_median is 'Median seconds of one step, over all samples of all launches; null where nothing was measured.';
comment on column main.performance.step_seconds_q25 is 'A quarter of the samples were quicker.';
comment on column main.performance.step_seconds_q75 is 'A quarter of the samples were slower.';
comment on column main.performance.step_seconds_low is 'Lower end of the 95 % interval of the median (hierarchical bootstrap: launches, then rounds).';
comment on column main.performance.step_seconds_high is 'Upper end of the 95 % interval of the median.';
comment on column main.performance.samples_count is 'Timed blocks of steps; see benchmark_samples.';
comment on column main.performance.launches_count is 'Processes the samples come from; with one, what differs between processes is not in the interval.';
comment on column main.performance.reference_framework is 'The framework that ratio compares with, in the same mode; xla with its compiled mode.';
comment on column main.performance.ratio is 'Step time over the reference framework''s in the same run and mode (xla against its compiled mode): 2 is twice as slow. Null for the reference itself, and where it was not measured.';
comment on column main.performance.ratio_low is 'Lower end of the 95 % interval of ratio (hierarchical bootstrap on samples of the same launch and round, at least as wide as the moderated t of the run''s launches).';
comment on column main.performance.ratio_high is 'Upper end of the 95 % interval of ratio.';
comment on column main.performance.verdict is 'reference; faster or slower where the whole interval lies beyond the margin; same where it lies wholly within; no difference shown; not comparable where a side is not stable or was not measured. Null where nothing was measured.';
comment on column main.performance.peak_memory_bytes is 'Highest resident memory of the child process while the case was built and first stepped, compiling included, above what the child held just before; the largest of the launches. Null where the system does not tell.';
comment on column main.performance.compile_seconds is 'Build and first step of a compiled mode, from the newest run of this version that found no result in the compiler''s cache. One value, taken while other workers build too. Null in eager mode.';
comment on column main.performance.outputs_agree is 'Whether the first step''s outputs (of training: loss and every gradient) agree with a float64 reference within the case''s tolerance; what differs is not timed.';
comment on column main.performance.relative_error is 'Largest difference to the reference over the reference''s largest absolute value; of a gradient, the difference''s length over the gradient''s.';
comment on column main.performance.stability is 'stable; unstable where the spread is over 25 % or more than 30 % of the samples were disturbed in every attempt; too few samples below four.';
comment on column main.performance.outcome is 'measured, missing, unsupported, outputs differ, crashed, out of memory, timed out, no space left, failed, or not run and why. What went wrong in any launch stands before measured.';
comment on column main.performance.message is 'What went wrong, in one line.';
comment on column main.performance.run_id is 'The run the row comes from; see benchmark_outcomes.';
comment on column main.performance.measured_at is 'When that run started, UTC.';
comment on column main.performance.workload is 'What the size means, in words.';
comment on column main.performance.margin_fraction is 'By how much step times must differ to be called different: what the machine''s certificate supports (see machine_certificate); without one 0.15 on virtual machines, else 0.05. Fixed before measuring.';
comment on column main.performance.machine_title is 'Processor, cores, memory and system of the machine.';
comment on column main.performance.is_imported is 'True where the results came in a file from another machine; false for those measured here.';
comment on column main.performance.repeats_count is 'How many disturbed samples were taken again; both attempts are kept in benchmark_samples.';
comment on column main.performance.device_peak_bytes is 'Highest memory on the device by the framework''s own counter while the case was built and first stepped, above what it held just before; null on the processor and where it cannot tell.';
