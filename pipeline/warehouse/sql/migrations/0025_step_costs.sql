-- What a step costs beside its time, per step, of this run's own samples and of those that compare a framework with itself.
alter table core.bench_sample add column step_minor_faults double;     -- pages handed out at first touch
alter table core.bench_sample add column step_switches double;         -- times that a thread was put aside
alter table core.bench_sample add column step_system_seconds double;   -- processor seconds in the kernel
alter table core.bench_self_sample add column step_minor_faults double;
alter table core.bench_self_sample add column step_switches double;
alter table core.bench_self_sample add column step_system_seconds double;

-- Whether a graph was compiled for the step.
alter table core.bench_variant add column is_compiled boolean;

-- Tells two machines of one make apart where their results came in files; a salted hash, never the system's own id.
alter table core.machine add column identity varchar;
-- Of an import: whether its rows were those that the export's checksum was taken of; null for this machine.
alter table core.machine add column is_verified boolean;
