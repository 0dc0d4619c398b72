-- Grain: one row per case, size, dtype, device, framework, mode and machine of `performance` that was measured, counts its
-- own operations or bytes, and has a peak of the same run to be held against.
create or replace view main.roofline as
with counted as (
    select run_id, case_name, size, dtype, device, framework, mode,
           max(step_operations) as step_operations, max(step_bytes) as step_bytes
    from core.bench_variant
    where step_operations is not null or step_bytes is not null
    group by run_id, case_name, size, dtype, device, framework, mode
),
peak as (
    select run_id, device,
           max(value) filter (where measure = 'product') as product_peak,
           max(value) filter (where measure = 'copy') as copy_peak
    from core.bench_peak
    group by run_id, device
),
least as (
    select
        measured.machine_id, measured.run_id, measured.measured_at, measured.case_name, measured.size, measured.workload,
        measured.dtype, measured.device, measured.framework, measured.mode, measured.threads_count, measured.stability,
        measured.step_seconds_median, counted.step_operations, counted.step_bytes, peak.product_peak, peak.copy_peak,
        -- The product's peak is one of 32-bit numbers; narrower ones may be multiplied faster.
        case when measured.dtype = 'float32' then counted.step_operations / peak.product_peak end as compute_seconds,
        counted.step_bytes / peak.copy_peak as memory_seconds
    from main.performance measured
    join counted
      on counted.run_id = measured.run_id and counted.case_name = measured.case_name and counted.size = measured.size
     and counted.dtype = measured.dtype and counted.device = measured.device
     and counted.framework = measured.framework and counted.mode = measured.mode
    join peak on peak.run_id = measured.run_id and peak.device = measured.device
    where measured.step_seconds_median is not null
)
select
    machine_id,
    run_id,
    measured_at,
    case_name,
    size,
    workload,
    dtype,
    device,
    framework,
    mode,
    threads_count,
    stability,
    step_seconds_median,
    step_operations / step_seconds_median as operations_per_second,
    step_bytes / step_seconds_median as bytes_per_second,
    product_peak,
    copy_peak,
    compute_seconds / step_seconds_median as product_peak_share,
    memory_seconds / step_seconds_median as copy_peak_share,
    case when coalesce(compute_seconds, 0) >= coalesce(memory_seconds, 0) then 'arithmetic' else 'memory' end as bound_by,
    greatest(coalesce(compute_seconds, 0), coalesce(memory_seconds, 0)) / step_seconds_median as peak_share,
    greatest(coalesce(compute_seconds, 0), coalesce(memory_seconds, 0)) > step_seconds_median as is_above_peak
from least
where compute_seconds is not null or memory_seconds is not null;

comment on view main.roofline is 'How much of the machine''s measured peak each framework reaches in the cases that count their own work: a plain product by NumPy for arithmetic, a plain copy by all threads for memory, both taken in the same run with as many threads.';
comment on column main.roofline.machine_id is 'The machine; see machines.';
comment on column main.roofline.run_id is 'The run that case and peak come from.';
comment on column main.roofline.measured_at is 'When that run started, UTC.';
comment on column main.roofline.case_name is 'What is computed.';
comment on column main.roofline.size is 'small or large.';
comment on column main.roofline.workload is 'What the size means, in words.';
comment on column main.roofline.dtype is 'Number type of inputs and weights.';
comment on column main.roofline.device is 'Where it ran; peaks are taken on the CPU only.';
comment on column main.roofline.framework is 'The framework.';
comment on column main.roofline.mode is 'Its mode.';
comment on column main.roofline.threads_count is 'Threads of the framework and of the peaks.';
comment on column main.roofline.stability is 'As in performance.';
comment on column main.roofline.step_seconds_median is 'Median seconds of one step.';
comment on column main.roofline.operations_per_second is 'Floating-point operations of the plain algorithm over the step time; null where the case counts none.';
comment on column main.roofline.bytes_per_second is 'The least that a step must read and write over the step time; null where the case counts none.';
comment on column main.roofline.product_peak is 'Operations a second of the plain product, best of several repeats.';
comment on column main.roofline.copy_peak is 'Bytes a second that the plain copy read and wrote, best of several repeats.';
comment on column main.roofline.product_peak_share is 'operations_per_second over product_peak; null for numbers that are not float32.';
comment on column main.roofline.copy_peak_share is 'bytes_per_second over copy_peak.';
comment on column main.roofline.bound_by is 'Which of the two peaks leaves the step the less time to spare: arithmetic or memory.';
comment on column main.roofline.peak_share is 'The least time that the peaks allow over the step time: 1 is the measured peak.';
comment on column main.roofline.is_above_peak is 'Whether the step was quicker than the peaks allow: its data stay in the caches, its algorithm needs fewer operations, or its library is better than the plain one. No measured peak is a limit of the hardware.';
