-- Grain: one row per machine, device, framework and mode: how its cases came out against the reference framework.
create or replace view main.performance_tally as
with compared as (
    select
        machine_id, device, framework, mode, reference_framework, verdict, ratio, samples_count, threads_count,
        framework_version, margin_fraction, measured_at
    from main.performance
    where verdict <> 'reference'
),
tally as (
    select
        machine_id, device, framework, mode,
        any_value(reference_framework) as reference_framework,
        count(*) as cases_count,
        count(*) filter (where verdict = 'faster') as faster_count,
        count(*) filter (where verdict = 'slower') as slower_count,
        count(*) filter (where verdict = 'same') as same_count,
        count(*) filter (where verdict = 'no difference shown') as no_difference_count,
        count(*) filter (where verdict = 'not comparable') as not_comparable_count,
        min(ratio) as least_ratio,
        max(ratio) as greatest_ratio,
        sum(samples_count)::bigint as samples_count,
        max(threads_count) as threads_count,
        max(margin_fraction) as margin_fraction,
        arg_max(framework_version, measured_at) as framework_version,
        max(measured_at) as measured_at
    from compared
    group by machine_id, device, framework, mode
)
select
    tally.machine_id,
    machine.title as machine_title,
    tally.device,
    tally.framework,
    tally.mode,
    tally.reference_framework,
    tally.cases_count,
    tally.faster_count,
    tally.slower_count,
    tally.same_count,
    tally.no_difference_count,
    tally.not_comparable_count,
    case
        when tally.faster_count > 0 and tally.slower_count > 0 then 'depends on the case'
        when 2 * tally.faster_count >= tally.cases_count then tally.framework
        when 2 * tally.slower_count >= tally.cases_count then tally.reference_framework
        else 'cannot tell'
    end as leader,
    tally.least_ratio,
    tally.greatest_ratio,
    tally.samples_count,
    tally.threads_count,
    tally.margin_fraction,
    tally.framework_version,
    tally.measured_at,
    dense_rank() over (
        order by
            machine.is_imported, if(machine.is_imported, -on_machine.cases_count, 0), on_machine.measured_at desc,
            tally.machine_id
    ) as machine_rank,
    machine.is_imported
from tally
join core.machine machine on machine.machine_id = tally.machine_id
join (
    select machine_id, max(measured_at) as measured_at, sum(cases_count) as cases_count from tally group by machine_id
) on_machine on on_machine.machine_id = tally.machine_id;

comment on view main.performance_tally is 'In how many benchmark cases each framework was faster or slower than the reference framework, a machine, device and mode at a time. A count of cases is no score: they weigh as much as the list of cases makes them.';
comment on column main.performance_tally.machine_id is 'The machine; see machines.';
comment on column main.performance_tally.machine_title is 'Processor, cores, memory and system of the machine.';
comment on column main.performance_tally.device is 'Where it ran; both sides on the same.';
comment on column main.performance_tally.framework is 'The framework that is compared.';
comment on column main.performance_tally.mode is 'eager, compiled or xla; both sides run in the same mode, but xla is set against the reference''s compiled mode.';
comment on column main.performance_tally.reference_framework is 'The framework it is compared with.';
comment on column main.performance_tally.cases_count is 'Cases, at each size, in which the framework was measured.';
comment on column main.performance_tally.faster_count is 'Of these, those in which the whole interval of the ratio lies below the margin.';
comment on column main.performance_tally.slower_count is 'Of these, those in which the whole interval of the ratio lies above the margin.';
comment on column main.performance_tally.same_count is 'Of these, those in which the whole interval lies within the margin.';
comment on column main.performance_tally.no_difference_count is 'Of these, those in which the interval lies partly within the margin, so that neither is shown.';
comment on column main.performance_tally.not_comparable_count is 'Of these, those in which both sides share fewer than four rounds or the reference was not measured.';
comment on column main.performance_tally.leader is 'The framework or its reference where that one was faster in at least half of the cases and slower in none; depends on the case where both were faster somewhere; cannot tell otherwise.';
comment on column main.performance_tally.least_ratio is 'Smallest ratio of step times among the cases; null where none has one.';
comment on column main.performance_tally.greatest_ratio is 'Largest ratio of step times among the cases; null where none has one.';
comment on column main.performance_tally.samples_count is 'Timed blocks of steps of the framework over all these cases.';
comment on column main.performance_tally.threads_count is 'Threads that every framework was given.';
comment on column main.performance_tally.margin_fraction is 'By how much step times must differ to be called different.';
comment on column main.performance_tally.framework_version is 'Version of the framework in its newest run.';
comment on column main.performance_tally.measured_at is 'When the newest of the runs behind it started, UTC.';
comment on column main.performance_tally.machine_rank is '1 for the machine measured here last, then on back; after those the machines whose results came in a file or with the project, that with the most comparisons first. So 1 is another machine only where nothing was measured here.';
comment on column main.performance_tally.is_imported is 'True where the machine is another one: its results came in a file or with the project.';
