-- Grain: one row per benchmark run, launch and variant (case, size, dtype, device, framework, mode). A reason that is the
-- same in all launches stands once.
create or replace view main.benchmark_outcomes as
select
    variant.run_id,
    run.machine_id,
    run.started_at as measured_at,
    variant.launch_index,
    variant.case_name,
    variant.size,
    variant.dtype,
    variant.device,
    variant.framework,
    variant.mode,
    variant.workload,
    variant.outcome,
    variant.message,
    worker.framework_version,
    worker.threads_count,
    worker.import_seconds,
    worker.resident_bytes,
    cast(worker.read_back as varchar) as read_back,
    variant.build_seconds,
    variant.first_step_seconds,
    variant.is_from_cache,
    variant.warmup_steps_count,
    variant.is_warmup_flat,
    variant.peak_memory_bytes,
    variant.outputs_agree,
    variant.relative_error,
    variant.tolerance,
    variant.device_peak_bytes,
    variant.device_reserved_bytes,
    variant.is_compiled
from core.bench_variant variant
join core.bench_run run on run.run_id = variant.run_id
left join core.bench_worker worker
  on worker.run_id = variant.run_id and worker.launch_index = variant.launch_index
 and worker.framework = variant.framework and worker.device = variant.device;

comment on view main.benchmark_outcomes is 'What became of everything that a benchmark run was to measure, measured or not, with what its child process reported of itself.';
comment on column main.benchmark_outcomes.run_id is 'The run.';
comment on column main.benchmark_outcomes.machine_id is 'The machine; see machines.';
comment on column main.benchmark_outcomes.measured_at is 'When the run started, UTC.';
comment on column main.benchmark_outcomes.launch_index is 'Which of the run''s processes, from 0.';
comment on column main.benchmark_outcomes.case_name is 'What is computed.';
comment on column main.benchmark_outcomes.size is 'small or large.';
comment on column main.benchmark_outcomes.dtype is 'Number type of inputs and weights.';
comment on column main.benchmark_outcomes.device is 'Where it ran.';
comment on column main.benchmark_outcomes.framework is 'Framework.';
comment on column main.benchmark_outcomes.mode is 'eager, compiled, or xla: compiled through XLA where that is not how the framework compiles by itself.';
comment on column main.benchmark_outcomes.workload is 'What the size means, in words.';
comment on column main.benchmark_outcomes.outcome is 'measured, missing, unsupported, outputs differ, crashed, out of memory, timed out, no space left, failed, or not run: quick, time budget or interrupted.';
comment on column main.benchmark_outcomes.message is 'What went wrong, in one line.';
comment on column main.benchmark_outcomes.framework_version is 'Version as the framework states it.';
comment on column main.benchmark_outcomes.threads_count is 'Threads the child was given.';
comment on column main.benchmark_outcomes.import_seconds is 'Seconds to import and set up the framework, while other children were started too.';
comment on column main.benchmark_outcomes.resident_bytes is 'Memory the child held after the import, before any case.';
comment on column main.benchmark_outcomes.read_back is 'JSON: threads, precision switches, BLAS and build as the framework itself states them after being set up; variables that were dropped from the child''s environment; packages of other frameworks that it was kept from, which of them lie in its memory all the same; whether instructions are counted here, or why not.';
comment on column main.benchmark_outcomes.build_seconds is 'From NumPy arrays to something that can be stepped.';
comment on column main.benchmark_outcomes.first_step_seconds is 'The first step, in which compiled modes compile; other workers may build meanwhile.';
comment on column main.benchmark_outcomes.is_from_cache is 'True where the compiler took its result from an earlier build''s cache; null in eager mode.';
comment on column main.benchmark_outcomes.warmup_steps_count is 'Steps run before the first sample.';
comment on column main.benchmark_outcomes.is_warmup_flat is 'True where the last three warm-up blocks agreed within 5 %; false where the warm-up''s time ended first.';
comment on column main.benchmark_outcomes.peak_memory_bytes is 'Highest resident memory of the child while this was built and first stepped, compiling included, above what it held just before.';
comment on column main.benchmark_outcomes.outputs_agree is 'Whether the first step''s outputs agree with the float64 reference.';
comment on column main.benchmark_outcomes.relative_error is 'Largest difference to the reference over the reference''s largest absolute value; of a gradient, the difference''s length over the gradient''s; null where it is infinite or nothing was built.';
comment on column main.benchmark_outcomes.tolerance is 'Largest relative error that counts as agreement.';
comment on column main.benchmark_outcomes.device_peak_bytes is 'Highest memory on the device by the framework''s own counter while this was built and first stepped, above what it held just before; null on the processor and where it cannot tell.';
comment on column main.benchmark_outcomes.device_reserved_bytes is 'What the framework had taken of the device''s memory by then, used or not; null on the processor and where it does not tell.';
comment on column main.benchmark_outcomes.is_compiled is 'True where a graph was seen to be compiled for the step; null in eager mode, where nothing tells, and in runs that did not look. Where none was compiled the outcome is failed and says so.';
