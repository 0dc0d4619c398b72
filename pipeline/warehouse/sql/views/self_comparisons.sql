-- Grain: one row per run, case, size, dtype, device, framework, mode and repetition in which a framework was compared with
-- itself: what the ratios show is the machine's own noise.
create or replace view main.self_comparisons as
with counted as (
    select
        run_id, case_name, size, dtype, device, framework, mode, repetition,
        median(step_instructions) filter (side = 'one') / nullif(median(step_instructions) filter (side = 'other'), 0)
            as instructions_ratio
    from core.bench_self_sample
    group by run_id, case_name, size, dtype, device, framework, mode, repetition
)
select
    run.machine_id,
    derived.run_id,
    run.started_at as measured_at,
    derived.case_name,
    derived.size,
    derived.dtype,
    derived.device,
    derived.framework,
    derived.mode,
    derived.repetition,
    derived.launches_count,
    derived.samples_count,
    derived.disturbed_count,
    derived.ratio,
    derived.ratio_low,
    derived.ratio_high,
    derived.ratio_low <= 1 and derived.ratio_high >= 1 as contains_one,
    exp(abs(ln(derived.ratio))) - 1 as deviation_fraction,
    derived.spread,
    derived.stability,
    counted.instructions_ratio,
    exp(abs(ln(counted.instructions_ratio))) - 1 as instructions_deviation_fraction
from core.derived_self_comparison derived
join core.bench_run run on run.run_id = derived.run_id
left join counted
  on counted.run_id = derived.run_id and counted.case_name = derived.case_name and counted.size = derived.size
 and counted.dtype = derived.dtype and counted.device = derived.device and counted.framework = derived.framework
 and counted.mode = derived.mode and counted.repetition = derived.repetition;

comment on view main.self_comparisons is 'A framework against itself, in processes of its own on both sides and by the same plan and estimator as any comparison; the true ratio is 1.';
comment on column main.self_comparisons.machine_id is 'The machine; see machines.';
comment on column main.self_comparisons.run_id is 'The run.';
comment on column main.self_comparisons.measured_at is 'When the run started, UTC.';
comment on column main.self_comparisons.case_name is 'What is computed.';
comment on column main.self_comparisons.size is 'small or large.';
comment on column main.self_comparisons.dtype is 'Number type of inputs and weights.';
comment on column main.self_comparisons.device is 'Where it ran.';
comment on column main.self_comparisons.framework is 'The framework on both sides.';
comment on column main.self_comparisons.mode is 'Its mode on both sides.';
comment on column main.self_comparisons.repetition is 'Which set of processes, from 0; each repetition starts all of them anew.';
comment on column main.self_comparisons.launches_count is 'Processes on each side.';
comment on column main.self_comparisons.samples_count is 'Timed blocks of steps of both sides together.';
comment on column main.self_comparisons.disturbed_count is 'Of these, those during which others needed the processors.';
comment on column main.self_comparisons.ratio is 'Median step time of one side over the other''s.';
comment on column main.self_comparisons.ratio_low is 'Lower end of the 95 % interval of ratio.';
comment on column main.self_comparisons.ratio_high is 'Upper end of the 95 % interval of ratio.';
comment on column main.self_comparisons.contains_one is 'Whether the interval holds the true ratio, 1.';
comment on column main.self_comparisons.deviation_fraction is 'How far the ratio is from 1, the same whichever side is on top: 0.02 is 2 %.';
comment on column main.self_comparisons.spread is '1.4826 times the median absolute deviation, over the median, of the less steady side.';
comment on column main.self_comparisons.stability is 'stable where both sides are; such a comparison of two frameworks would be given a verdict.';
comment on column main.self_comparisons.instructions_ratio is 'Median instructions of a step on one side over the other''s, all attempts taken; null where the processor does not count them, as in most virtual machines.';
comment on column main.self_comparisons.instructions_deviation_fraction is 'How far that is from 1, as deviation_fraction.';
