-- Grain: one row per case, size, dtype, device, framework, mode and machine: what all its sound runs there say together.
-- A run is sound for a variant where it compares it with the reference framework, on enough rounds that both share.
-- Those of one workload, of the same versions, threads and kind of protocol (quick or whole) are pooled. What speaks: a
-- whole run before a quick one, the usual number of threads (the cores less one) before any other, then the newest
-- versions. A run that lacks a side, left it out for time or was interrupted before adds nothing and replaces nothing.
-- Modes with a further setting, which are compared with the framework's own mode and no other's, are in `further_modes`:
-- so nothing that is counted here, fastest, speed-ups and claims included, takes them for another way of a framework.
create or replace view main.performance as
with in_run as (
    select
        variant.run_id, run.machine_id, run.started_at, variant.case_name, variant.size, variant.dtype,
        variant.device, variant.framework, variant.mode,
        arg_min(variant.workload, variant.launch_index) as workload,
        told_outcome(variant.outcome, variant.launch_index) as outcome,
        arg_min(variant.message, variant.launch_index) filter (where variant.message is not null) as message,
        max(variant.peak_memory_bytes) as peak_memory_bytes,
        max(variant.device_peak_bytes) as device_peak_bytes,
        bool_and(variant.outputs_agree) as outputs_agree,
        max(variant.relative_error) as relative_error,
        any_value(try_cast(run.settings ->> '$.threads_count' as integer)) as threads_count,
        any_value(greatest(1, try_cast(run.settings ->> '$.cores_count' as integer) - 1)) as usual_threads_count,
        any_value(coalesce(try_cast(run.settings ->> '$.is_quick' as boolean), false)) as is_quick
    from core.bench_variant variant
    join core.bench_run run on run.run_id = variant.run_id
    where variant.mode = usual_mode(variant.mode)
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
reference as (
    select run_id, device, any_value(reference_framework) as reference_framework
    from core.derived_performance
    where mode = usual_mode(mode)
    group by run_id, device
),
attempt as (
    select
        in_run.run_id, in_run.machine_id, in_run.started_at, in_run.case_name, in_run.size, in_run.dtype,
        in_run.device, in_run.framework, in_run.mode, in_run.workload, in_run.outcome, in_run.message,
        in_run.peak_memory_bytes, in_run.device_peak_bytes, in_run.outputs_agree, in_run.relative_error, in_run.is_quick,
        coalesce(worker.threads_count, in_run.threads_count) as threads_count, worker.framework_version,
        reference_worker.framework_version as reference_version,
        coalesce(in_run.threads_count = in_run.usual_threads_count, true) as has_usual_threads,
        derived.step_seconds_median, derived.step_seconds_q25, derived.step_seconds_q75, derived.step_seconds_low,
        derived.step_seconds_high, derived.samples_count, derived.launches_count, derived.reference_framework,
        derived.ratio, derived.ratio_low, derived.ratio_high, derived.verdict, derived.stability,
        derived.margin_fraction,
        coalesce(derived.verdict <> 'not comparable', false) as is_sound,
        -- Beside the reference and not for want of time or memory: it says something of these versions.
        in_run.outcome in ('outputs differ', 'crashed', 'failed', 'unsupported')
            and reference_worker.framework_version is not null as has_failed,
        dense_rank() over (
            order by in_run.machine_id, in_run.case_name, in_run.size, in_run.dtype, in_run.device, in_run.framework,
                in_run.mode, in_run.is_quick, has_usual_threads, in_run.workload, worker.framework_version,
                reference_worker.framework_version
        ) as versions_id,
        dense_rank() over (
            order by in_run.machine_id, in_run.case_name, in_run.size, in_run.dtype, in_run.device, in_run.framework,
                in_run.mode, in_run.is_quick, in_run.workload, worker.framework_version,
                reference_worker.framework_version, in_run.threads_count
        ) as pool_id
    from in_run
    left join worker
      on worker.run_id = in_run.run_id and worker.framework = in_run.framework and worker.device = in_run.device
    left join reference on reference.run_id = in_run.run_id and reference.device = in_run.device
    left join worker reference_worker
      on reference_worker.run_id = in_run.run_id and reference_worker.device = in_run.device
     and reference_worker.framework = reference.reference_framework
    left join core.derived_performance derived
      on derived.run_id = in_run.run_id and derived.case_name = in_run.case_name and derived.size = in_run.size
     and derived.dtype = in_run.dtype and derived.device = in_run.device and derived.framework = in_run.framework
     and derived.mode = in_run.mode
),
evidence as (
    select
        run_id, pool_id, ratio_low, ratio_high, ln(ratio) as log_ratio,
        variance_of_reach(ln(ratio_high / ratio_low) / 2) as variance,
        variance_of_reach(ln(ratio / ratio_low)) as variance_low,
        variance_of_reach(ln(ratio_high / ratio)) as variance_high
    from attempt
    where is_sound and ratio is not null
),
between as (
    select
        pool_id,
        between_runs_variance(
            count(*), sum(1 / variance order by run_id), sum(1 / (variance * variance) order by run_id),
            sum(log_ratio / variance order by run_id), sum(log_ratio * log_ratio / variance order by run_id)
        ) as between_runs
    from evidence
    group by pool_id
),
pooled as (
    select
        evidence.pool_id,
        count(*) as runs_count,
        any_value(between.between_runs) as between_runs,
        exp(
            sum(log_ratio / (variance + between_runs) order by run_id)
                / sum(1 / (variance + between_runs) order by run_id)
        ) as ratio,
        -- Each end by how far the runs' intervals reach to its side, and no further than the runs themselves reach.
        greatest(min(ratio_low), exp(
            sum(log_ratio / (variance_low + between_runs) order by run_id)
                / sum(1 / (variance_low + between_runs) order by run_id)
            - 1.959964 / sqrt(sum(1 / (variance_low + between_runs) order by run_id))
        )) as low,
        least(max(ratio_high), exp(
            sum(log_ratio / (variance_high + between_runs) order by run_id)
                / sum(1 / (variance_high + between_runs) order by run_id)
            + 1.959964 / sqrt(sum(1 / (variance_high + between_runs) order by run_id))
        )) as high,
        least(ratio, low) as ratio_low,
        greatest(ratio, high) as ratio_high
    from evidence
    join between on between.pool_id = evidence.pool_id
    group by evidence.pool_id
    having count(*) > 1
),
ranked as (
    select
        run_id, pool_id,
        case
            when not (is_sound or has_failed) then if(starts_with(outcome, 'not run'), 5, 4)
            when is_quick then 3
            when has_usual_threads then 1
            else 2
        end as rank,
        max(started_at) filter (where is_sound or has_failed) over (partition by versions_id) as versions_measured_at,
        min(started_at) filter (where is_sound) over (partition by pool_id) as pool_started_at,
        count(*) filter (where is_sound and ratio is not null) over (partition by pool_id) as runs_count
    from attempt
),
newest as (
    select
        attempt.run_id, attempt.machine_id, attempt.started_at, attempt.case_name, attempt.size, attempt.dtype,
        attempt.device, attempt.framework, attempt.mode, attempt.workload, attempt.outcome, attempt.message,
        attempt.peak_memory_bytes, attempt.device_peak_bytes, attempt.outputs_agree, attempt.relative_error,
        attempt.threads_count, attempt.framework_version, attempt.step_seconds_median, attempt.step_seconds_q25,
        attempt.step_seconds_q75, attempt.step_seconds_low, attempt.step_seconds_high, attempt.samples_count,
        attempt.launches_count, attempt.reference_framework, attempt.stability, attempt.margin_fraction,
        if(attempt.is_sound, ranked.runs_count, 0) as runs_count,
        if(attempt.is_sound, pooled.between_runs, null) as between_runs,
        if(attempt.is_sound, coalesce(pooled.ratio, attempt.ratio), attempt.ratio) as ratio,
        if(attempt.is_sound, coalesce(pooled.ratio_low, attempt.ratio_low), attempt.ratio_low) as ratio_low,
        if(attempt.is_sound, coalesce(pooled.ratio_high, attempt.ratio_high), attempt.ratio_high) as ratio_high,
        if(attempt.is_sound and pooled.pool_id is not null,
           verdict_by_interval(pooled.ratio_low, pooled.ratio_high, attempt.margin_fraction),
           attempt.verdict) as verdict
    from attempt
    join ranked on ranked.run_id = attempt.run_id and ranked.pool_id = attempt.pool_id
    left join pooled on pooled.pool_id = attempt.pool_id
    qualify row_number() over (
        partition by attempt.machine_id, attempt.case_name, attempt.size, attempt.dtype, attempt.device,
            attempt.framework, attempt.mode
        order by
            ranked.rank, if(ranked.rank < 4, ranked.versions_measured_at, attempt.started_at) desc,
            attempt.is_sound desc, if(ranked.rank < 4, ranked.pool_started_at, attempt.started_at),
            attempt.started_at desc, attempt.run_id desc
    ) = 1
),
disturbed as (
    select
        run_id, case_name, size, dtype, device, framework, mode,
        list(kind order by samples_count desc, kind) filter (where 10 * samples_count >= all_count) as kinds
    from (
        select
            run_id, case_name, size, dtype, device, framework, mode, kind, count(*) as samples_count,
            any_value(all_count) as all_count
        from (
            select
                run_id, case_name, size, dtype, device, framework, mode,
                unnest(string_split(disturbances, ', ')) as kind,
                count(*) over (partition by run_id, case_name, size, dtype, device, framework, mode) as all_count
            from core.bench_sample
        )
        group by run_id, case_name, size, dtype, device, framework, mode, kind
    )
    group by run_id, case_name, size, dtype, device, framework, mode
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
    newest.step_seconds_median,
    newest.step_seconds_q25,
    newest.step_seconds_q75,
    newest.step_seconds_low,
    newest.step_seconds_high,
    coalesce(newest.samples_count, 0) as samples_count,
    coalesce(newest.launches_count, 0) as launches_count,
    newest.reference_framework,
    newest.ratio,
    newest.ratio_low,
    newest.ratio_high,
    newest.verdict,
    newest.peak_memory_bytes,
    compiled.compile_seconds,
    newest.outputs_agree,
    newest.relative_error,
    newest.stability,
    newest.outcome,
    newest.message,
    newest.run_id,
    newest.started_at as measured_at,
    newest.workload,
    newest.margin_fraction,
    machine.title as machine_title,
    machine.is_imported,
    newest.device_peak_bytes,
    (
        select count(*) from core.bench_sample sample
        where sample.run_id = newest.run_id and sample.case_name = newest.case_name and sample.size = newest.size
          and sample.dtype = newest.dtype and sample.device = newest.device
          and sample.framework = newest.framework and sample.mode = newest.mode and sample.attempt_index > 0
    ) as repeats_count,
    newest.runs_count,
    sqrt(newest.between_runs) as between_runs_deviation,
    array_to_string(disturbed.kinds, ', ') as disturbed_by
from newest
join core.machine machine on machine.machine_id = newest.machine_id
left join disturbed
  on disturbed.run_id = newest.run_id and disturbed.case_name = newest.case_name and disturbed.size = newest.size
 and disturbed.dtype = newest.dtype and disturbed.device = newest.device and disturbed.framework = newest.framework
 and disturbed.mode = newest.mode
left join compiled
  on compiled.machine_id = newest.machine_id and compiled.case_name = newest.case_name
 and compiled.size = newest.size and compiled.dtype = newest.dtype and compiled.device = newest.device
 and compiled.framework = newest.framework and compiled.mode = newest.mode
 and compiled.workload = newest.workload and compiled.framework_version = newest.framework_version;

comment on view main.performance is 'How long one step of each benchmark case takes in each framework and mode on one machine, from its sound runs there. It describes this machine, these versions and these sizes, nothing else.';
comment on column main.performance.case_name is 'What is computed, e.g. matmul or mlp_training.';
comment on column main.performance.size is 'small or large; workload says what that is.';
comment on column main.performance.dtype is 'Number type of inputs and weights; reduced-precision products are switched off.';
comment on column main.performance.device is 'Where it ran: cpu, or cuda, rocm, metal or tpu where the framework reports one.';
comment on column main.performance.framework is 'Framework; see the view frameworks.';
comment on column main.performance.mode is 'eager: operation by operation; of tinygrad, which is lazy, a whole step at once, planned anew each time. compiled: torch.compile, tf.function, jax.jit or TinyJit. xla: compiled through XLA where that is not how the framework compiles by itself.';
comment on column main.performance.machine_id is 'The machine; see machines.';
comment on column main.performance.threads_count is 'Threads every framework was given, the same for all of a run.';
comment on column main.performance.framework_version is 'Version as the framework states it; null where it could not be started.';
comment on column main.performance.step_seconds_median is 'Median seconds of one step, over all samples of all launches; null where nothing was measured.';
comment on column main.performance.step_seconds_q25 is 'A quarter of the samples were quicker.';
comment on column main.performance.step_seconds_q75 is 'A quarter of the samples were slower.';
comment on column main.performance.step_seconds_low is 'Lower end of the 95 % interval of the median (hierarchical bootstrap: launches, then rounds).';
comment on column main.performance.step_seconds_high is 'Upper end of the 95 % interval of the median.';
comment on column main.performance.samples_count is 'Timed blocks of steps in run_id; see benchmark_samples.';
comment on column main.performance.launches_count is 'Processes the samples come from; with one, what differs between processes is not in the interval.';
comment on column main.performance.reference_framework is 'The framework that ratio compares with, in the same mode; xla with its compiled mode.';
comment on column main.performance.ratio is 'Step time over the reference framework''s in the same run and mode (xla against its compiled mode): 2 is twice as slow. Of several sound runs their random-effects mean, by precision, in logarithms. Null for the reference itself, and where it was not measured.';
comment on column main.performance.ratio_low is 'Lower end of the 95 % interval of ratio. In a run: hierarchical bootstrap on samples of the same launch and round, at least as wide as the moderated t of the run''s launches, over all rounds and over the undisturbed ones. Over several runs: with their between-run variance, and no further than the runs themselves reach.';
comment on column main.performance.ratio_high is 'Upper end of the 95 % interval of ratio.';
comment on column main.performance.verdict is 'reference; faster or slower where the whole interval lies beyond the margin; same where it lies wholly within; no difference shown; not comparable where a side was not measured, both share fewer than four rounds, or a side clearly kept more processors busy than it was given threads (see step_costs). Null where nothing was measured.';
comment on column main.performance.peak_memory_bytes is 'Highest resident memory of the child process while the case was built and first stepped, compiling included, above what the child held just before; the largest of the launches. Null where the system does not tell.';
comment on column main.performance.compile_seconds is 'Build and first step of a compiled mode, from the newest run of this version that found no result in the compiler''s cache. One value, taken while other workers build too. Null in eager mode.';
comment on column main.performance.outputs_agree is 'Whether the first step''s outputs (of training: loss and every gradient) agree with a float64 reference within the case''s tolerance; what differs is not timed.';
comment on column main.performance.relative_error is 'Largest difference to the reference over the reference''s largest absolute value; of a gradient, the difference''s length over the gradient''s.';
comment on column main.performance.stability is 'Describes the samples of run_id and takes no verdict away. stable; unstable where the spread is over 25 % or more than 30 % of the samples were disturbed in every attempt; too few samples below four.';
comment on column main.performance.outcome is 'measured, missing, unsupported, outputs differ, crashed, out of memory, timed out, no space left, failed, or not run and why. What went wrong in any launch stands before measured.';
comment on column main.performance.message is 'What went wrong, in one line.';
comment on column main.performance.run_id is 'The run that the medians and everything but ratio come from: of the runs that speak, the newest; see benchmark_outcomes.';
comment on column main.performance.measured_at is 'When that run started, UTC.';
comment on column main.performance.workload is 'What the size means, in words.';
comment on column main.performance.margin_fraction is 'By how much step times must differ to be called different: what the machine''s certificate supports (see machine_certificate); without one 0.15 on virtual machines, else 0.05. Fixed before measuring.';
comment on column main.performance.machine_title is 'Processor, cores, memory and system of the machine.';
comment on column main.performance.is_imported is 'True where the results came in a file from another machine; false for those measured here.';
comment on column main.performance.repeats_count is 'How many disturbed samples were taken again; both attempts are kept in benchmark_samples.';
comment on column main.performance.device_peak_bytes is 'Highest memory on the device by the framework''s own counter while the case was built and first stepped, above what it held just before; null on the processor and where it cannot tell.';
comment on column main.performance.runs_count is 'Sound runs that ratio and its interval come from: of this workload, these versions, threads and kind of protocol. 0 where there is none.';
comment on column main.performance.between_runs_deviation is 'By how much those runs differ beyond their own intervals: standard deviation of the logarithm of ratio between runs, 0 where chance explains it. Null with one run.';
comment on column main.performance.disturbed_by is 'What disturbed at least a tenth of the samples of run_id, the most frequent first: other load, pressure, steal, switches or clock; see benchmark_samples. Null where nothing is known to have.';
