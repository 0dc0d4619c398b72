-- Grain: one row per machine that was measured.
create or replace view main.machines as
select
    machine.machine_id,
    machine.title,
    machine.is_virtual,
    machine.is_imported,
    cast(machine.fingerprint as varchar) as fingerprint,
    count(run.run_id) as runs_count,
    max(run.started_at) as newest_run_at,
    cast(arg_max(run.settings, (run.started_at, run.run_id)) as varchar) as settings,
    cast(arg_max(run.environment, (run.started_at, run.run_id)) as varchar) as environment,
    machine.is_verified,
    machine.identity,
    machine.notes
from core.machine machine
left join core.bench_run run on run.machine_id = machine.machine_id
group by machine.machine_id, machine.title, machine.is_virtual, machine.is_imported, machine.fingerprint,
    machine.is_verified, machine.identity, machine.notes;

comment on view main.machines is 'The machines that benchmarks ran on, without anything that names their owner.';
comment on column main.machines.machine_id is 'Hash of the fingerprint: the same until the hardware changes. With `imported-` before it where the results came in a file.';
comment on column main.machines.title is 'Processor, cores, memory and system, for people.';
comment on column main.machines.is_virtual is 'True where the machine is a guest, whose neighbours may disturb it.';
comment on column main.machines.is_imported is 'True where its results came in a file by `observatory bench import`; such a machine has an id of its own, also where the hardware is like this machine''s.';
comment on column main.machines.fingerprint is 'JSON: the hardware facts.';
comment on column main.machines.runs_count is 'Benchmark runs on it.';
comment on column main.machines.newest_run_at is 'When the newest of them started, UTC.';
comment on column main.machines.settings is 'JSON: the newest run''s protocol (seed, threads, rounds, block length, time budget).';
comment on column main.machines.environment is 'JSON: the newest run''s kernel, Python, packages and BLAS.';
comment on column main.machines.is_verified is 'Of an imported machine: true where a checksum shows that the file is as it was written, false where it is too old to carry one; null for a machine measured here. A checksum is no signature.';
comment on column main.machines.identity is 'Salted hash of the id that the machine''s system keeps, by which imports tell two machines of one make apart; null where it tells none, and in older files.';
comment on column main.machines.notes is 'What is known to be off about the figures of a machine that ships with the project, in sentences; null for any other.';
