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
rated as (
    select
        measured.machine_id, measured.run_id, measured.measured_at, measured.case_name, measured.size, measured.workload,
        measured.dtype, measured.device, measured.framework, measured.mode, measured.threads_count, measured.stability,
        measured.step_seconds_median, counted.step_operations, counted.step_bytes,
        counted.step_operations / measured.step_seconds_median as operations_per_second,
        counted.step_bytes / measured.step_seconds_median as bytes_per_second
    from main.performance measured
    join counted
      on counted.run_id = measured.run_id and counted.case_name = measured.case_name and counted.size = measured.size
     and counted.dtype = measured.dtype and counted.device = measured.device
     and counted.framework = measured.framework and counted.mode = measured.mode
    where measured.step_seconds_median is not null
),
plain as (
    select run_id, device,
           max(value) filter (where measure = 'product') as product_peak,
           max(value) filter (where measure = 'copy') as copy_peak
    from core.bench_peak
    group by run_id, device
),
-- A small size may stay in the processor's caches, a large one goes through memory: each has a peak of its own.
peak as (
    select
        rated.run_id, rated.device, rated.size, plain.product_peak as plain_product, plain.copy_peak as plain_copy,
        greatest(plain.product_peak, max(max(rated.operations_per_second) filter (where rated.dtype = 'float32'))
            over (partition by rated.run_id, rated.device)) as product_peak,
        greatest(plain.copy_peak, max(rated.bytes_per_second)) as copy_peak
    from rated
    join plain on plain.run_id = rated.run_id and plain.device = rated.device
    group by rated.run_id, rated.device, rated.size, plain.product_peak, plain.copy_peak
),
least as (
    select
        rated.machine_id, rated.run_id, rated.measured_at, rated.case_name, rated.size, rated.workload, rated.dtype,
        rated.device, rated.framework, rated.mode, rated.threads_count, rated.stability, rated.step_seconds_median,
        rated.operations_per_second, rated.bytes_per_second, peak.product_peak, peak.copy_peak,
        -- The product's peak is one of 32-bit numbers; narrower ones may be multiplied faster.
        case when rated.dtype = 'float32' then rated.step_operations / peak.product_peak end as compute_seconds,
        rated.step_bytes / peak.copy_peak as memory_seconds,
        greatest(
            case when rated.dtype = 'float32' then coalesce(rated.step_operations / peak.plain_product, 0) else 0 end,
            coalesce(rated.step_bytes / peak.plain_copy, 0)
        ) > rated.step_seconds_median as is_above_peak
    from rated
    join peak on peak.run_id = rated.run_id and peak.device = rated.device and peak.size = rated.size
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
    operations_per_second,
    bytes_per_second,
    product_peak,
    copy_peak,
    compute_seconds / step_seconds_median as product_peak_share,
    memory_seconds / step_seconds_median as copy_peak_share,
    case when coalesce(compute_seconds, 0) >= coalesce(memory_seconds, 0) then 'arithmetic' else 'memory' end as bound_by,
    greatest(coalesce(compute_seconds, 0), coalesce(memory_seconds, 0)) / step_seconds_median as peak_share,
    is_above_peak
from least
where compute_seconds is not null or memory_seconds is not null;

comment on view main.roofline is 'How much of the machine''s peak each framework reaches in the cases that count their own work. The peak is the best rate that anything reached in the same run with as many threads: a plain product by NumPy and a plain copy by all threads, or any framework''s step that was quicker.';
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
comment on column main.roofline.product_peak is 'Operations a second: the most of the plain product, best of several repeats, and of the median step of any float32 case of the run.';
comment on column main.roofline.copy_peak is 'Bytes a second read and written: the most of the plain copy, best of several repeats, and of the median step of any case of the run at this size.';
comment on column main.roofline.product_peak_share is 'operations_per_second over product_peak; null for numbers that are not float32.';
comment on column main.roofline.copy_peak_share is 'bytes_per_second over copy_peak.';
comment on column main.roofline.bound_by is 'Which of the two peaks leaves the step the less time to spare: arithmetic or memory.';
comment on column main.roofline.peak_share is 'The least time that the peaks allow over the step time; at most 1, which is the best rate that anything reached in the run.';
comment on column main.roofline.is_above_peak is 'Whether the step was quicker than the plain product and copy alone allow, so that it may set the peak itself: its data stay in the caches, its algorithm needs fewer operations, or its library is better than the plain one. No measured peak is a limit of the hardware.';
