-- Machines whose results came in a file, e.g. a colleague's: kept apart from this one's, whatever the file says.
alter table core.machine add column is_imported boolean default false;

-- A disturbed sample can be taken again; every attempt is kept, with what disturbed it. A key can only be widened by
-- making the table anew.
create table core.bench_sample_with_attempts (
    run_id varchar not null, case_name varchar not null, size varchar not null, dtype varchar not null,
    device varchar not null, framework varchar not null, mode varchar not null,
    launch_index integer not null, round_index integer not null,
    attempt_index integer not null,           -- 0 for the round's own, more for a repeat of a disturbed one
    order_index integer not null,
    steps_count integer not null check (steps_count > 0), step_seconds double not null check (step_seconds > 0),
    cpu_seconds double not null,              -- of the worker, all its threads, per step
    other_cpus double,                        -- processors kept busy by anything else meanwhile
    is_disturbed boolean not null,
    disturbances varchar,                     -- what disturbed it, in words
    stolen_cpus double,                       -- processors that the host took away meanwhile
    pressure_fraction double,                 -- part of the time in which something waited for a processor
    involuntary_switches_count integer,       -- of the worker's threads
    clock_change_fraction double,             -- between begin and end
    primary key (
        run_id, case_name, size, dtype, device, framework, mode, launch_index, round_index, attempt_index
    )
);
insert into core.bench_sample_with_attempts by name
select
    run_id, case_name, size, dtype, device, framework, mode, launch_index, round_index, 0 as attempt_index, order_index,
    steps_count, step_seconds, cpu_seconds, other_cpus, is_disturbed,
    case when is_disturbed then 'other load' end as disturbances
from core.bench_sample;
drop table core.bench_sample;
alter table core.bench_sample_with_attempts rename to bench_sample;

-- On a device beside the processor, by the framework's own counters.
alter table core.bench_variant add column device_peak_bytes bigint;
alter table core.bench_variant add column device_reserved_bytes bigint;
