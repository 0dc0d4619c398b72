-- Grain: one row per machine, framework and mode that compiles: how its cases came out against the same framework's
-- eager mode in the same run.
create or replace view main.mode_speedups as
with pairs as (
    select
        compiled.machine_id, compiled.framework, compiled.framework_version, compiled.mode, compiled.measured_at,
        eager.step_seconds_median / compiled.step_seconds_median as speedup,
        compiled.stability = 'stable' and eager.stability = 'stable' as is_stable,
        -- Both medians' intervals and the margin must lie between the two.
        compiled.step_seconds_high * (1 + compiled.margin_fraction) < eager.step_seconds_low as is_quicker,
        compiled.step_seconds_low > eager.step_seconds_high * (1 + compiled.margin_fraction) as is_slower
    from main.performance compiled
    join main.performance eager
      on eager.machine_id = compiled.machine_id and eager.run_id = compiled.run_id
     and eager.case_name = compiled.case_name and eager.size = compiled.size and eager.dtype = compiled.dtype
     and eager.device = compiled.device and eager.framework = compiled.framework
    where compiled.mode <> 'eager' and eager.mode = 'eager'
      and compiled.step_seconds_median is not null and eager.step_seconds_median is not null
)
select
    machine_id,
    framework,
    mode,
    max(measured_at) as measured_at,
    arg_max(framework_version, measured_at) as framework_version,
    count(*) as cases_count,
    count(*) filter (where is_stable and is_quicker) as quicker_count,
    count(*) filter (where is_stable and is_slower) as slower_count,
    count(*) filter (where not is_stable or not (is_quicker or is_slower)) as undecided_count,
    min(speedup) filter (where is_stable) as least_speedup,
    median(speedup) filter (where is_stable) as median_speedup,
    max(speedup) filter (where is_stable) as greatest_speedup
from pairs
group by machine_id, framework, mode;

comment on view main.mode_speedups is 'What compiling gains each framework over its own eager mode, over the cases measured in both in the same run. No score: the cases weigh as much as their list makes them.';
comment on column main.mode_speedups.machine_id is 'The machine; see machines.';
comment on column main.mode_speedups.framework is 'The framework.';
comment on column main.mode_speedups.mode is 'The compiling mode: compiled, or xla.';
comment on column main.mode_speedups.measured_at is 'When the newest of the runs started, UTC.';
comment on column main.mode_speedups.framework_version is 'Version of the framework in that run.';
comment on column main.mode_speedups.cases_count is 'Cases, at each size and number type, measured in both modes.';
comment on column main.mode_speedups.quicker_count is 'Of these, those in which compiled is quicker: both sides stable, and the margin fits between the intervals of the two medians.';
comment on column main.mode_speedups.slower_count is 'Of these, those in which it is slower, by the same rule.';
comment on column main.mode_speedups.undecided_count is 'Of these, all others.';
comment on column main.mode_speedups.least_speedup is 'Smallest ratio of the eager over the compiled median step time, where both are stable; above 1 compiling gains. Null where none is.';
comment on column main.mode_speedups.median_speedup is 'Median of these ratios.';
comment on column main.mode_speedups.greatest_speedup is 'Greatest of them.';
