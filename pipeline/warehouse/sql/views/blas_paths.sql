-- Grain: one row per machine, framework and code path that its matrix products were told to take, of the newest run there
-- of that framework.
create or replace view main.blas_paths as
with newest as (
    select run.machine_id, worker.framework, max(run.started_at) as measured_at
    from core.bench_worker worker
    join core.bench_run run on run.run_id = worker.run_id
    group by run.machine_id, worker.framework
)
select distinct
    newest.machine_id,
    newest.measured_at,
    worker.framework,
    worker.framework_version,
    worker.blas_path,
    json_extract_string(machine.fingerprint, '$.cpu_vendor') as cpu_vendor,
    case
        when worker.blas_path like '%Intel(R) Architecture processors%'
            and json_extract_string(machine.fingerprint, '$.cpu_vendor') <> 'GenuineIntel'
            then 'the path for other makers’ processors, which can be slower: see roofline'
    end as remark
from newest
join core.bench_run run on run.machine_id = newest.machine_id and run.started_at = newest.measured_at
join core.bench_worker worker on worker.run_id = run.run_id and worker.framework = newest.framework
join core.machine machine on machine.machine_id = newest.machine_id;

comment on view main.blas_paths is 'Which code path each framework''s matrix-product library chose on each machine, as the library itself tells it. A gap between frameworks in products can lie in this alone.';
comment on column main.blas_paths.machine_id is 'The machine; see machines.';
comment on column main.blas_paths.measured_at is 'When the run started, UTC.';
comment on column main.blas_paths.framework is 'The framework.';
comment on column main.blas_paths.framework_version is 'Its version.';
comment on column main.blas_paths.blas_path is 'Library, version and instructions, as it prints them; null where no library tells.';
comment on column main.blas_paths.cpu_vendor is 'Maker of the processor, as the system names it.';
comment on column main.blas_paths.remark is 'Said where the library took its code for other makers'' processors. Whether that costs anything here, the roofline tells.';
