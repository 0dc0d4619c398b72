-- What the same training ended with, by starting point: of each machine the run in which the most frameworks and modes
-- trained, the newest such. A run has one workload.
create or replace macro trained_accuracies() as table
with chosen as (
    select run.machine_id, run.run_id, run.started_at
    from core.bench_probe probe
    join core.bench_run run on run.run_id = probe.run_id
    where probe.probe_name = 'accuracy' and probe.measure = 'accuracy' and probe.value is not null
    group by run.machine_id, run.run_id, run.started_at
    qualify row_number() over (
        partition by run.machine_id
        order by count(distinct (probe.framework, probe.mode)) desc, run.started_at desc, run.run_id desc
    ) = 1
)
select
    chosen.machine_id, chosen.started_at as measured_at, probe.workload, probe.device, probe.framework, probe.mode,
    probe.round_index, probe.repetition, probe.value as accuracy
from chosen
join core.bench_probe probe on probe.run_id = chosen.run_id
where probe.probe_name = 'accuracy' and probe.measure = 'accuracy' and probe.value is not null;
