-- Grain: one row per timed block of steps, of each variant, launch, round and attempt.
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
    sample.is_disturbed,
    sample.attempt_index,
    sample.disturbances,
    sample.stolen_cpus,
    sample.pressure_fraction,
    sample.involuntary_switches_count,
    sample.clock_change_fraction,
    row_number() over (
        partition by sample.run_id, sample.case_name, sample.size, sample.dtype, sample.device, sample.framework,
            sample.mode, sample.launch_index, sample.round_index
        order by sample.is_disturbed, sample.attempt_index
    ) = 1 as is_counted,
    sample.step_minor_faults,
    sample.step_switches,
    sample.step_system_seconds,
    sample.step_instructions
from core.bench_sample sample
join core.bench_run run on run.run_id = sample.run_id;

comment on view main.benchmark_samples is 'Every timed block of every benchmark run; none is left out; disturbed ones are marked, and their repeats stand beside them.';
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
comment on column main.benchmark_samples.step_seconds is 'Seconds of one step by the wall clock, waiting for its result included; in runs of older versions only the last of a tenth of the block was waited for.';
comment on column main.benchmark_samples.cpu_seconds is 'Processor seconds of one step, over all threads of the child.';
comment on column main.benchmark_samples.other_cpus is 'Processors that anything else kept busy meanwhile, stolen time included; null where the system does not tell.';
comment on column main.benchmark_samples.is_disturbed is 'True where something disturbed the block; see disturbances.';
comment on column main.benchmark_samples.attempt_index is '0 for the round''s own sample; 1 and more for repeats of a disturbed one, taken at the end of the run while there was time.';
comment on column main.benchmark_samples.disturbances is 'What disturbed it: other load (it and the measured threads needed more processors than there are), steal (the host took a quarter of a processor or more), pressure (something waited for a processor in more than a quarter of the time), switches (the measured threads were put aside more than 20 times a thread and second), clock (it changed by more than 10 %). Pressure and switches are none where the measured threads had as many processors for 97 % of the time: they waited for each other then. Null where nothing is known to have.';
comment on column main.benchmark_samples.stolen_cpus is 'Processors that the host took away meanwhile; null where the system does not tell.';
comment on column main.benchmark_samples.pressure_fraction is 'Part of the time in which something waited for a processor; null where the system does not tell.';
comment on column main.benchmark_samples.involuntary_switches_count is 'How often a thread of the child was put aside while it still had work; null where the system does not tell.';
comment on column main.benchmark_samples.clock_change_fraction is 'By how much the processors'' clock differed between begin and end; null where they do not tell, as in most virtual machines.';
comment on column main.benchmark_samples.is_counted is 'True for the one attempt a launch and round that medians and ratios are made of: the first that nothing disturbed, else the first.';
comment on column main.benchmark_samples.step_minor_faults is 'Pages of memory that the system handed out at first touch, per step, mean over the block; null where the system does not tell, and in samples that did not keep it.';
comment on column main.benchmark_samples.step_switches is 'How often a thread of the child was put aside, per step, mean over the block, waiting for something included; null as above.';
comment on column main.benchmark_samples.step_system_seconds is 'Of cpu_seconds, those in the kernel; null as above.';
comment on column main.benchmark_samples.step_instructions is 'Instructions that the processors carried out outside the kernel, per step, over all threads of the child, mean over the block; null where they do not count them for this system, as in most virtual machines (why: read_back of benchmark_outcomes), where they counted some thread for a part of the time only, as counters that others use too and cores of several kinds do, and in samples that did not keep it.';
