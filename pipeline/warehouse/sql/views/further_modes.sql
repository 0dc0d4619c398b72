-- Grain: one row per machine, device, framework, mode with a further setting, case, size and number type: the newest run that
-- compares it with the same framework's mode without the setting; where none does, the newest that tried.
-- Both are modes of one process, sampled in the same rounds, so this says nothing of other frameworks.
create or replace view main.further_modes as
with tried as (
    select
        run.machine_id, run.started_at as measured_at, variant.run_id, variant.device, variant.framework, variant.mode,
        variant.case_name, variant.size, variant.dtype,
        arg_min(variant.workload, variant.launch_index) as workload,
        told_outcome(variant.outcome, variant.launch_index) as outcome,
        arg_min(variant.message, variant.launch_index) filter (where variant.message is not null) as message,
        max(variant.build_seconds + variant.first_step_seconds) filter (where not variant.is_from_cache) as compile_seconds,
        max(variant.relative_error) as relative_error,
        any_value(try_cast(run.settings ->> '$.threads_count' as integer)) as threads_count
    from core.bench_variant variant
    join core.bench_run run on run.run_id = variant.run_id
    where variant.mode <> usual_mode(variant.mode)
    group by
        run.machine_id, run.started_at, variant.run_id, variant.device, variant.framework, variant.mode,
        variant.case_name, variant.size, variant.dtype
),
worker as (
    select run_id, framework, device, arg_min(framework_version, launch_index) as framework_version
    from core.bench_worker
    group by run_id, framework, device
)
select
    tried.machine_id,
    tried.device,
    tried.framework,
    tried.mode,
    usual_mode(tried.mode) as usual_mode,
    tried.case_name,
    tried.size,
    tried.dtype,
    tried.workload,
    tried.outcome,
    tried.message,
    own.step_seconds_median,
    usual.step_seconds_median as usual_step_seconds_median,
    own.ratio,
    own.ratio_low,
    own.ratio_high,
    own.verdict,
    own.margin_fraction,
    own.samples_count,
    own.launches_count,
    own.stability,
    tried.relative_error,
    tried.compile_seconds,
    tried.threads_count,
    worker.framework_version,
    tried.run_id,
    tried.measured_at
from tried
left join core.derived_performance own
  on own.run_id = tried.run_id and own.case_name = tried.case_name and own.size = tried.size
 and own.dtype = tried.dtype and own.device = tried.device and own.framework = tried.framework and own.mode = tried.mode
left join core.derived_performance usual
  on usual.run_id = own.run_id and usual.case_name = own.case_name and usual.size = own.size
 and usual.dtype = own.dtype and usual.device = own.device and usual.framework = own.framework
 and usual.mode = usual_mode(own.mode)
left join worker
  on worker.run_id = tried.run_id and worker.framework = tried.framework and worker.device = tried.device
qualify row_number() over (
    partition by tried.machine_id, tried.device, tried.framework, tried.mode, tried.case_name, tried.size, tried.dtype
    order by coalesce(own.verdict <> 'not comparable', false) desc, tried.measured_at desc, tried.run_id desc
) = 1;

comment on view main.further_modes is 'What one more setting gains a framework over its own eager or compiled mode, case by case: channels last in memory, frozen weights, max-autotune. Full runs measure it, on the processor, in the process that measures the mode itself; outputs are held against the same reference. It is set against no other framework and is no part of performance or fastest.';
comment on column main.further_modes.machine_id is 'The machine; see machines.';
comment on column main.further_modes.device is 'Where it ran.';
comment on column main.further_modes.framework is 'The framework.';
comment on column main.further_modes.mode is 'The mode with its setting. Of PyTorch: eager, channels last (images and kernels with the channels innermost in memory); compiled, frozen (weights as constants, packed and folded when it is compiled; inference); compiled, frozen, max-autotune (kernels for matrix products tried out when it is compiled; on a processor only with frozen weights).';
comment on column main.further_modes.usual_mode is 'The mode without the setting, which it is compared with.';
comment on column main.further_modes.case_name is 'What is computed.';
comment on column main.further_modes.size is 'small or large.';
comment on column main.further_modes.dtype is 'Number type of inputs and weights.';
comment on column main.further_modes.workload is 'What the size means, in words.';
comment on column main.further_modes.outcome is 'measured, or what went wrong in any launch. failed also where the compiler froze, tried or compiled nothing, since the time would be that of another mode.';
comment on column main.further_modes.message is 'What went wrong, in one line.';
comment on column main.further_modes.step_seconds_median is 'Median seconds of one step; null without a figure.';
comment on column main.further_modes.usual_step_seconds_median is 'The same of the mode without the setting, in the same run.';
comment on column main.further_modes.ratio is 'Step time over that of the mode without the setting: below 1 the setting gains.';
comment on column main.further_modes.ratio_low is 'Lower end of the 95 % interval of ratio, as in performance within one run.';
comment on column main.further_modes.ratio_high is 'Upper end of that interval.';
comment on column main.further_modes.verdict is 'faster, slower, same, no difference shown, or not comparable where both share fewer than four rounds; see performance.';
comment on column main.further_modes.margin_fraction is 'By how much step times must differ to be called different.';
comment on column main.further_modes.samples_count is 'Timed blocks of steps.';
comment on column main.further_modes.launches_count is 'Processes they come from.';
comment on column main.further_modes.stability is 'stable, unstable or too few samples; see performance.';
comment on column main.further_modes.relative_error is 'Largest difference of the first step''s outputs to the float64 reference, over the reference''s largest value.';
comment on column main.further_modes.compile_seconds is 'Build and first step of a compiled mode, without the compiler''s cache, which frozen graphs pass by; the longest of the launches, taken while other workers build too. Null in eager mode.';
comment on column main.further_modes.threads_count is 'Threads that the framework was given.';
comment on column main.further_modes.framework_version is 'Version as the framework states it.';
comment on column main.further_modes.run_id is 'The run.';
comment on column main.further_modes.measured_at is 'When the run started, UTC.';
