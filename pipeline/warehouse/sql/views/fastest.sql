-- Grain: one row per machine, device, mode and framework: in how many cases its step is the shortest of all.
-- A framework's compiled mode and XLA are one mode here, the shorter of the two. Only steps with outputs that agree and
-- enough samples count, and only cases in which at least two frameworks have one. Frameworks are set against each other
-- by their ratios to the reference framework in `performance`, which pool runs; where no two have one, by their seconds.
-- `performance` holds usual modes alone: what compiling with further settings gains is in `further_modes`.
create or replace view main.fastest as
with measured as (
    select
        machine_id, device, case_name, size, dtype, if(mode = 'xla', 'compiled', mode) as mode, framework,
        step_seconds_median, step_seconds_low, step_seconds_high, margin_fraction, measured_at,
        if(framework = reference_framework, 1.0, ratio) as relative,
        if(framework = reference_framework, 1.0, ratio_low) as relative_low,
        if(framework = reference_framework, 1.0, ratio_high) as relative_high
    from main.performance
    where outcome = 'measured' and stability <> 'too few samples' and coalesce(outputs_agree, true)
      and step_seconds_median > 0
),
in_case as (
    select
        machine_id, device, case_name, size, dtype, mode, framework, step_seconds_median, step_seconds_low,
        step_seconds_high, margin_fraction, measured_at, relative, relative_low, relative_high,
        count(distinct framework) filter (where relative is not null) over (
            partition by machine_id, device, case_name, size, dtype, mode
        ) > 1 as has_ratios
    from measured
),
step as (
    select
        machine_id, device, case_name, size, dtype, mode, framework,
        min(if(has_ratios, relative, step_seconds_median)) as step,
        arg_min(if(has_ratios, relative_low, step_seconds_low), if(has_ratios, relative, step_seconds_median)) as low,
        arg_min(if(has_ratios, relative_high, step_seconds_high), if(has_ratios, relative, step_seconds_median)) as high,
        max(margin_fraction) as margin, max(measured_at) as measured_at
    from in_case
    where not has_ratios or relative is not null
    group by machine_id, device, case_name, size, dtype, mode, framework
),
placed as (
    select
        machine_id, device, case_name, size, dtype, mode, framework, step, measured_at,
        row_number() over by_time as place,
        -- Of all that follow, not of the next alone: a wide interval further down may reach below both.
        min(low) over (
            partition by machine_id, device, case_name, size, dtype, mode order by step, framework
            rows between 1 following and unbounded following
        ) > (1 + margin) * high as is_sure,
        count(*) over (partition by machine_id, device, case_name, size, dtype, mode) as frameworks_count
    from step
    window by_time as (partition by machine_id, device, case_name, size, dtype, mode order by step, framework)
),
tally as (
    select
        machine_id, device, mode, framework,
        count(*) as cases_count,
        count(*) filter (where place = 1) as shortest_count,
        count(*) filter (where place = 1 and is_sure) as surely_count,
        max(measured_at) as measured_at
    from placed
    where frameworks_count > 1
    group by machine_id, device, mode, framework
),
compared as (
    select
        machine_id, device, mode, sum(shortest_count)::bigint as compared_count, sum(surely_count) as sure_count,
        count(*) filter (where surely_count > 0) as winners_count
    from tally
    group by machine_id, device, mode
)
select
    tally.machine_id,
    if(machine.is_imported, 'Another machine, ', '') || machine.title as machine_title,
    tally.device,
    tally.mode,
    tally.framework,
    tally.cases_count,
    compared.compared_count,
    tally.shortest_count,
    tally.surely_count,
    row_number() over (
        partition by tally.machine_id, tally.device, tally.mode
        order by tally.shortest_count desc, tally.surely_count desc, tally.framework
    ) as place,
    case
        when compared.sure_count >= least_sure_cases() and 2 * tally.shortest_count > compared.compared_count
            and 2 * tally.surely_count > compared.sure_count then tally.framework
        when compared.winners_count > 1 then 'depends on the case'
        else 'cannot tell'
    end as leader,
    tally.measured_at,
    dense_rank() over (
        order by
            on_machine.has_enough desc, machine.is_imported, if(machine.is_imported, -on_machine.cases_count, 0),
            on_machine.measured_at desc, tally.machine_id
    ) as machine_rank,
    machine.is_imported,
    compared.sure_count::bigint as sure_count,
    least_sure_cases() as least_sure_count
from tally
join compared
  on compared.machine_id = tally.machine_id and compared.device = tally.device and compared.mode = tally.mode
join core.machine machine on machine.machine_id = tally.machine_id
join (
    select
        tally.machine_id, max(tally.measured_at) as measured_at, sum(tally.cases_count) as cases_count,
        bool_or(compared.sure_count >= least_sure_cases()) as has_enough
    from tally
    join compared
      on compared.machine_id = tally.machine_id and compared.device = tally.device and compared.mode = tally.mode
    group by tally.machine_id
) on_machine on on_machine.machine_id = tally.machine_id;

comment on view main.fastest is 'In how many benchmark cases each framework has the shortest step of all that were measured, a machine, device and mode at a time. A count of cases is no score: they weigh as much as the list of cases makes them.';
comment on column main.fastest.machine_id is 'The machine; see machines.';
comment on column main.fastest.machine_title is 'Processor, cores, memory and system of the machine.';
comment on column main.fastest.device is 'Where it ran; all on the same.';
comment on column main.fastest.mode is 'eager or compiled; XLA counts as compiled.';
comment on column main.fastest.framework is 'The framework.';
comment on column main.fastest.cases_count is 'Cases in which it and another have a step with at least four samples.';
comment on column main.fastest.compared_count is 'Cases in which any two frameworks have one.';
comment on column main.fastest.shortest_count is 'Of these, those in which its step is the shortest, by its ratio to the reference framework (by the medians where no two have one).';
comment on column main.fastest.surely_count is 'Of those, the ones in which the margin fits between its interval and those of all others.';
comment on column main.fastest.place is '1 for the framework with the shortest step in most cases.';
comment on column main.fastest.leader is 'The framework where it has the shortest step in more than half of the cases and most of the sure ones, of which there are at least least_sure_count; depends on the case where others surely are the fastest somewhere; else: cannot tell.';
comment on column main.fastest.measured_at is 'When the newest of the runs behind it started, UTC.';
comment on column main.fastest.machine_rank is '1 for the machine measured here last, then on back; after those the machines whose results came in a file or with the project, that with the most comparisons first. Machines with least_sure_count sure cases in some mode come before those without: so 1 is another machine where here nothing, or too little, was compared.';
comment on column main.fastest.is_imported is 'True where the machine is another one: its results came in a file or with the project.';
comment on column main.fastest.sure_count is 'Of compared_count, the cases in which some framework surely has the shortest step, as in surely_count.';
comment on column main.fastest.least_sure_count is 'So many sure cases it takes to name a leader: of two equals one wins all of five by luck one time in 32, of four already one time in 16.';
