-- Grain: one row per machine, framework, mode and policy whose memory in the same training was measured.
create or replace view main.training_memory as
with of_process as (
    select
        machine_id, measured_at, framework, split_part(mode, ', ', 1) as mode,
        coalesce(nullif(split_part(mode, ', ', 2), ''), 'as it comes') as policy, workload,
        max(value_median) filter (where measure = 'after import') as import_bytes,
        max(value_median) filter (where measure = 'above import') as above_import_bytes,
        max(figures_count) as figures_count
    from main.special_measurements
    where probe_name = 'peak_memory' and outcome = 'measured' and device = 'cpu'
    group by machine_id, measured_at, framework, special_measurements.mode, workload
)
select
    machine_id,
    measured_at,
    framework,
    mode,
    policy,
    workload,
    import_bytes,
    above_import_bytes,
    import_bytes + above_import_bytes as peak_bytes,
    figures_count
from of_process
where import_bytes is not null and above_import_bytes is not null;

comment on view main.training_memory is 'Memory of a fresh process that trains the same small network on the CPU: what the import takes, and what training adds at its peak; as it comes, and in the framework''s first mode under two other policies.';
comment on column main.training_memory.machine_id is 'The machine; see machines.';
comment on column main.training_memory.measured_at is 'When the run started, UTC.';
comment on column main.training_memory.framework is 'The framework.';
comment on column main.training_memory.mode is 'Its mode.';
comment on column main.training_memory.policy is 'as it comes; memory given back at once (one arena of glibc''s, arrays from 64 KiB on returned to the system when they are freed); activations computed again (each block''s, for the gradient, by the framework''s own way; what it loads for that is counted too, and can be more than a small network''s activations).';
comment on column main.training_memory.workload is 'What was trained, in words.';
comment on column main.training_memory.import_bytes is 'Resident memory after the import, median over the processes.';
comment on column main.training_memory.above_import_bytes is 'How far the peak rose above that, median over the processes.';
comment on column main.training_memory.peak_bytes is 'Both together.';
comment on column main.training_memory.figures_count is 'Processes.';
