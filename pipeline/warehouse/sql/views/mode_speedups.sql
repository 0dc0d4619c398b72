-- Grain: one row per machine, device, framework and mode that compiles: how its cases came out against the same
-- framework's eager mode in the same run. Runs of the workload, version and threads that `performance` shows are pooled as there; quick
-- ones count only where there is no other.
create or replace view main.mode_speedups as
with paired as (
    select
        shown.machine_id, shown.case_name, shown.size, shown.dtype, shown.device, shown.framework, shown.mode,
        shown.framework_version, shown.margin_fraction, compiled.run_id, compiled.measured_at,
        ln(eager.step_seconds_median / compiled.step_seconds_median) as speedup,
        variance_of_reach(sqrt(
            pow(ln(eager.step_seconds_high / eager.step_seconds_low) / 2, 2)
            + pow(ln(compiled.step_seconds_high / compiled.step_seconds_low) / 2, 2)
        )) as variance
    from main.performance shown
    join main.benchmark_history compiled
      on compiled.machine_id = shown.machine_id and compiled.case_name = shown.case_name
     and compiled.size = shown.size and compiled.dtype = shown.dtype and compiled.device = shown.device
     and compiled.framework = shown.framework and compiled.mode = shown.mode and compiled.workload = shown.workload
     and compiled.framework_version is not distinct from shown.framework_version
     and compiled.threads_count is not distinct from shown.threads_count
    join main.benchmark_history eager
      on eager.run_id = compiled.run_id and eager.case_name = compiled.case_name and eager.size = compiled.size
     and eager.dtype = compiled.dtype and eager.device = compiled.device and eager.framework = compiled.framework
     and eager.mode = 'eager'
    where shown.mode <> 'eager' and compiled.stability <> 'too few samples' and eager.stability <> 'too few samples'
    qualify compiled.is_quick = min(compiled.is_quick) over (
        partition by shown.machine_id, shown.case_name, shown.size, shown.dtype, shown.device, shown.framework, shown.mode
    )
),
summed as (
    select
        machine_id, case_name, size, dtype, device, framework, mode, framework_version, margin_fraction, run_id,
        measured_at, speedup, variance,
        between_runs_variance(
            count(*) over pool, sum(1 / variance) over pool, sum(1 / (variance * variance)) over pool,
            sum(speedup / variance) over pool, sum(speedup * speedup / variance) over pool
        ) as between_runs
    from paired
    window pool as (
        partition by machine_id, case_name, size, dtype, device, framework, mode
        order by run_id rows between unbounded preceding and unbounded following
    )
),
pairs as (
    select
        machine_id, device, framework, mode,
        max(measured_at) as measured_at,
        any_value(framework_version) as framework_version,
        any_value(margin_fraction) as margin_fraction,
        sum(speedup / (variance + between_runs) order by run_id) / sum(1 / (variance + between_runs) order by run_id)
            as log_speedup,
        1.959964 / sqrt(sum(1 / (variance + between_runs) order by run_id)) as log_reach
    from summed
    group by machine_id, case_name, size, dtype, device, framework, mode
)
select
    machine_id,
    device,
    framework,
    mode,
    max(measured_at) as measured_at,
    arg_max(framework_version, measured_at) as framework_version,
    count(*) as cases_count,
    count(*) filter (where log_speedup - log_reach > ln(1 + margin_fraction)) as quicker_count,
    count(*) filter (where log_speedup + log_reach < -ln(1 + margin_fraction)) as slower_count,
    count(*) filter (where abs(log_speedup) - log_reach <= ln(1 + margin_fraction)) as undecided_count,
    min(exp(log_speedup)) as least_speedup,
    median(exp(log_speedup)) as median_speedup,
    max(exp(log_speedup)) as greatest_speedup
from pairs
group by machine_id, device, framework, mode;

comment on view main.mode_speedups is 'What compiling gains each framework over its own eager mode, over the cases measured in both in the same run. No score: the cases weigh as much as their list makes them.';
comment on column main.mode_speedups.machine_id is 'The machine; see machines.';
comment on column main.mode_speedups.device is 'Where it ran, in both modes.';
comment on column main.mode_speedups.framework is 'The framework.';
comment on column main.mode_speedups.mode is 'The compiling mode: compiled, or xla.';
comment on column main.mode_speedups.measured_at is 'When the newest of the runs started, UTC.';
comment on column main.mode_speedups.framework_version is 'Version of the framework in those runs.';
comment on column main.mode_speedups.cases_count is 'Cases, at each size and number type, measured in both modes with at least four samples each.';
comment on column main.mode_speedups.quicker_count is 'Of these, those in which compiled is quicker: the 95 % interval of the speed-up lies beyond the margin. It is made of the intervals of both medians and, over several runs, of what differs between them.';
comment on column main.mode_speedups.slower_count is 'Of these, those in which it is slower, by the same rule.';
comment on column main.mode_speedups.undecided_count is 'Of these, all others.';
comment on column main.mode_speedups.least_speedup is 'Smallest ratio of the eager over the compiled median step time, of several runs their mean by precision; above 1 compiling gains.';
comment on column main.mode_speedups.median_speedup is 'Median of these ratios.';
comment on column main.mode_speedups.greatest_speedup is 'Greatest of them.';
