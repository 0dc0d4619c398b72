-- Grain: one row per benchmark run and variant (case, size, dtype, device, framework, mode) that has samples.
create or replace view main.step_costs as
with cost as (
    select
        sample.run_id, sample.machine_id, sample.measured_at, sample.case_name, sample.size, sample.dtype, sample.device,
        sample.framework, sample.mode,
        any_value(try_cast(run.settings ->> '$.threads_count' as integer)) as threads_count,
        count(*) as samples_count,
        median(sample.cpu_seconds / sample.step_seconds) as cpu_wall_ratio,
        median(sample.step_minor_faults) as step_minor_faults,
        median(sample.step_switches) as step_switches,
        median(sample.step_instructions) as step_instructions,
        median(sample.step_seconds) as step_seconds_median,
        quantile_cont(sample.step_seconds, 0.1) as step_seconds_q10,
        -- Ticks of the kernel's clock are coarse: the sums say more than any one sample.
        case when sum(sample.cpu_seconds) filter (where sample.step_system_seconds is not null) > 0
            then least(1, sum(sample.step_system_seconds * sample.steps_count order by launch_index, round_index)
                / sum(sample.cpu_seconds * sample.steps_count order by launch_index, round_index)
                    filter (where sample.step_system_seconds is not null))
        end as system_share
    from main.benchmark_samples sample
    join core.bench_run run on run.run_id = sample.run_id
    where sample.is_counted
    group by
        sample.run_id, sample.machine_id, sample.measured_at, sample.case_name, sample.size, sample.dtype, sample.device,
        sample.framework, sample.mode
),
judged as (
    select
        own.run_id, own.machine_id, own.measured_at, own.case_name, own.size, own.dtype, own.device, own.framework,
        own.mode, own.threads_count, own.samples_count, own.cpu_wall_ratio, own.step_minor_faults, own.step_switches,
        own.system_share, own.step_instructions, derived.verdict, derived.ratio,
        case when own.framework <> derived.reference_framework
            then own.step_instructions / nullif(other.step_instructions, 0)
        end as instructions_ratio,
        own.device = 'cpu' and own.cpu_wall_ratio > most_busy_cpus(own.threads_count) as is_over_threads,
        own.step_minor_faults >= 1 and own.system_share >= 0.1
            or other.step_minor_faults >= 1 and other.system_share >= 0.1 as has_faults,
        derived.ratio * (1 - own.system_share) / nullif(1 - other.system_share, 0) as ratio_without_kernel,
        -- Between threads on one core a handover takes a few microseconds, to a core that sleeps many times that.
        own.step_switches >= 1 and own.step_seconds_median > own.step_seconds_q10 * (1 + derived.margin_fraction)
            or other.step_switches >= 1
            and other.step_seconds_median > other.step_seconds_q10 * (1 + derived.margin_fraction) as has_handovers,
        case when own.framework <> derived.reference_framework
            then own.step_seconds_q10 / other.step_seconds_q10
        end as ratio_of_least,
        derived.margin_fraction
    from cost own
    left join core.derived_performance derived
      on derived.run_id = own.run_id and derived.case_name = own.case_name and derived.size = own.size
     and derived.dtype = own.dtype and derived.device = own.device and derived.framework = own.framework
     and derived.mode = own.mode
    left join cost other
      on other.run_id = own.run_id and other.case_name = own.case_name and other.size = own.size
     and other.dtype = own.dtype and other.device = own.device and other.framework = derived.reference_framework
     and other.mode = case own.mode when 'xla' then 'compiled' else usual_mode(own.mode) end
)
select
    run_id, machine_id, measured_at, case_name, size, dtype, device, framework, mode, threads_count, samples_count,
    cpu_wall_ratio,
    is_over_threads,
    step_minor_faults,
    step_switches,
    system_share,
    ratio_without_kernel,
    has_faults and rests_on_rest(verdict, ratio_without_kernel, margin_fraction) as rests_on_faults,
    ratio_of_least,
    has_handovers and rests_on_rest(verdict, ratio_of_least, margin_fraction) as rests_on_handovers,
    step_instructions,
    ratio,
    instructions_ratio
from judged;

comment on view main.step_costs is 'What a step costs beside its time: processors, page faults, switches and kernel time, and whether a verdict rests on page faults or on handing over between threads. Medians over the counted samples of one run.';
comment on column main.step_costs.run_id is 'The run.';
comment on column main.step_costs.machine_id is 'The machine; see machines.';
comment on column main.step_costs.measured_at is 'When the run started, UTC.';
comment on column main.step_costs.case_name is 'What is computed.';
comment on column main.step_costs.size is 'small or large.';
comment on column main.step_costs.dtype is 'Number type of inputs and weights.';
comment on column main.step_costs.device is 'Where it ran.';
comment on column main.step_costs.framework is 'Framework.';
comment on column main.step_costs.mode is 'eager, compiled, or xla; in full runs also such a mode with a further setting, set against the framework''s own mode without it (see further_modes).';
comment on column main.step_costs.threads_count is 'Threads that the framework was given.';
comment on column main.step_costs.samples_count is 'Counted samples of the run.';
comment on column main.step_costs.cpu_wall_ratio is 'Processors that the step kept busy: processor seconds over wall seconds, median over the samples.';
comment on column main.step_costs.is_over_threads is 'Whether it clearly used more processors than it was given threads, by more than a quarter of one: then its time says nothing about that number of threads. On the processor only.';
comment on column main.step_costs.step_minor_faults is 'Pages of memory that the system handed out at first touch, per step, median over the samples; null in runs that did not keep it.';
comment on column main.step_costs.step_switches is 'How often a thread was put aside, waiting included, per step, median over the samples; null as above.';
comment on column main.step_costs.system_share is 'Of all processor seconds of the samples, those in the kernel; null as above.';
comment on column main.step_costs.ratio_without_kernel is 'The ratio to the reference with each side''s kernel share taken off its time: about what would be left without page faults; null where a side does not tell.';
comment on column main.step_costs.rests_on_faults is 'Whether faster or slower is said only because of page faults: a side has some, spends a tenth of its time in the kernel, and without kernel time the ratio does not clear the margin to that side any more. False or null otherwise.';
comment on column main.step_costs.ratio_of_least is 'The ratio to the reference of the times that the least tenth of each side''s samples stays below: about what is left where the system hands over between threads at the least cost. Null for the reference itself.';
comment on column main.step_costs.rests_on_handovers is 'Whether faster or slower is said only because of where the system puts threads: a side hands each step from one thread to another, its samples scatter by more than the margin, and the ratio of the least times does not clear the margin to that side any more. False or null otherwise.';
comment on column main.step_costs.step_instructions is 'Instructions outside the kernel per step, over all threads, median over the samples; null where the processor does not count them, as in most virtual machines.';
comment on column main.step_costs.ratio is 'The ratio of step times to the reference framework in the same mode; see performance. Null for the reference itself.';
comment on column main.step_costs.instructions_ratio is 'The same of step_instructions: beside time a second witness, which no neighbour and no clock disturbs. It says nothing of memory that is waited for, and threads that wait by spinning add to it.';
