-- Grain: one row per machine, special measurement, framework, mode, device, number of threads, measure and outcome, of the
-- newest run on that machine that took this measurement; an interrupted one counts where no other is known.
create or replace view main.special_measurements as
with newest as (
    select
        run.machine_id, probe.probe_name,
        coalesce(
            max(run.started_at) filter (where not starts_with(probe.outcome, 'not run')), max(run.started_at)
        ) as measured_at
    from core.bench_probe probe
    join core.bench_run run on run.run_id = probe.run_id
    group by run.machine_id, probe.probe_name
)
select
    newest.machine_id,
    newest.measured_at,
    probe.run_id,
    probe.probe_name,
    probe.framework,
    probe.mode,
    probe.device,
    probe.threads_count,
    probe.measure,
    probe.unit,
    probe.workload,
    probe.outcome,
    min(probe.message) as message,
    count(probe.value) as figures_count,
    median(probe.value) as value_median,
    min(probe.value) as value_lowest,
    max(probe.value) as value_highest,
    max(probe.framework_version) as framework_version,
    max(cast(probe.conditions as varchar)) as conditions,
    machine.is_imported
from core.bench_probe probe
join core.bench_run run on run.run_id = probe.run_id
join core.machine machine on machine.machine_id = run.machine_id
join newest
  on newest.machine_id = run.machine_id and newest.probe_name = probe.probe_name
 and newest.measured_at = run.started_at
group by
    newest.machine_id, newest.measured_at, probe.run_id, probe.probe_name, probe.framework, probe.mode, probe.device,
    probe.threads_count, probe.measure, probe.unit, probe.workload, probe.outcome, machine.is_imported;

comment on view main.special_measurements is 'What is no steady step: dispatch overhead, cold start, data loading, thread scaling, peak memory and accuracy of the same training, each in fresh processes, of the newest run of each machine.';
comment on column main.special_measurements.machine_id is 'The machine; see machines.';
comment on column main.special_measurements.measured_at is 'When the run started, UTC.';
comment on column main.special_measurements.run_id is 'The run.';
comment on column main.special_measurements.probe_name is 'dispatch, cold_start, loader, thread_scaling, peak_memory or accuracy.';
comment on column main.special_measurements.framework is 'Framework; keras_… is Keras on that backend.';
comment on column main.special_measurements.mode is 'eager, compiled or xla; of loading, serial or parallel.';
comment on column main.special_measurements.device is 'Where it ran.';
comment on column main.special_measurements.threads_count is 'Threads that the framework was given.';
comment on column main.special_measurements.measure is 'What the figure is: call and operation (dispatch), import, first step and steady step (cold start), throughput (loading), the case (threads), after import, above import, device allocated and device reserved (memory), accuracy and loss.';
comment on column main.special_measurements.unit is 's, samples/s, byte, fraction or nat.';
comment on column main.special_measurements.workload is 'What was done, in words; figures of different workloads are never set side by side.';
comment on column main.special_measurements.outcome is 'measured, or why there is no figure.';
comment on column main.special_measurements.message is 'What the framework or the harness said where there is no figure; the first by alphabet if they differ.';
comment on column main.special_measurements.figures_count is 'Figures behind the median: fresh processes, and repetitions within them; for accuracy, starting weights.';
comment on column main.special_measurements.value_median is 'Median figure, in the unit. An operation''s is a difference of two times and may be below zero by as much as they vary.';
comment on column main.special_measurements.value_lowest is 'Lowest figure, in the unit.';
comment on column main.special_measurements.value_highest is 'Highest figure, in the unit.';
comment on column main.special_measurements.framework_version is 'Version of the framework.';
comment on column main.special_measurements.conditions is 'JSON object: allocator settings in the environment (null: as they come; a device''s memory is never taken ahead) and what the framework says of itself: threads, precision, libraries.';
comment on column main.special_measurements.is_imported is 'True where the results came in a file from another machine; false for those measured here.';
