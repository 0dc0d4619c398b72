-- Grain: one row per machine, special measurement, framework, mode, device, number of threads, measure and outcome: figures of
-- all runs that did the same with the newest version measured; where there is none, what the newest run said, an interrupted one
-- where no other is known.
create or replace view main.special_measurements as
with taken as (
    select
        run.machine_id, run.started_at, probe.run_id, probe.probe_name, probe.framework, probe.mode, probe.device,
        probe.threads_count, probe.measure, probe.unit, probe.workload, probe.outcome, probe.message, probe.value,
        probe.framework_version, probe.conditions, probe.round_index, probe.repetition
    from core.bench_probe probe
    join core.bench_run run on run.run_id = probe.run_id
),
newest as (
    select
        machine_id, probe_name, framework, mode, device, threads_count, measure,
        max_by(framework_version, started_at) filter (outcome = 'measured') as framework_version,
        max_by(workload, started_at) filter (outcome = 'measured') as workload,
        coalesce(max(started_at) filter (not starts_with(outcome, 'not run')), max(started_at)) as reported_at
    from taken
    group by all
)
select
    newest.machine_id,
    max(taken.started_at) as measured_at,
    max_by(taken.run_id, taken.started_at) as run_id,
    newest.probe_name,
    newest.framework,
    newest.mode,
    newest.device,
    newest.threads_count,
    newest.measure,
    taken.unit,
    taken.workload,
    taken.outcome,
    min(taken.message) as message,
    count(taken.value) as figures_count,
    median(taken.value) as value_median,
    min(taken.value) as value_lowest,
    max(taken.value) as value_highest,
    max(taken.framework_version) as framework_version,
    max_by(cast(taken.conditions as varchar), (taken.started_at, taken.round_index, taken.repetition)) as conditions,
    machine.is_imported
from newest
join core.machine machine on machine.machine_id = newest.machine_id
join taken
  on taken.machine_id = newest.machine_id and taken.probe_name = newest.probe_name
 and taken.framework = newest.framework and taken.mode = newest.mode and taken.device = newest.device
 and taken.threads_count = newest.threads_count and taken.measure = newest.measure
where case
    when newest.workload is null then taken.started_at = newest.reported_at
    else taken.outcome = 'measured' and taken.workload = newest.workload
     and taken.framework_version is not distinct from newest.framework_version
end
group by
    newest.machine_id, newest.probe_name, newest.framework, newest.mode, newest.device, newest.threads_count,
    newest.measure, taken.unit, taken.workload, taken.outcome, machine.is_imported;

comment on view main.special_measurements is 'What is no steady step: dispatch overhead, cold start, data loading, thread scaling, peak memory and accuracy of the same training, step times over what the framework''s own timer says, what it takes to ship a network and how it answers over HTTP, what there is to install and to write, training steps by one process and by two, and by layers and an optimiser beside plain operations, and compiled steps on batches of several sizes, each in fresh processes: the figures of all runs of a machine that did the same with the newest version, so that a shorter run takes none away.';
comment on column main.special_measurements.machine_id is 'The machine; see machines.';
comment on column main.special_measurements.measured_at is 'When the newest of the runs started, UTC.';
comment on column main.special_measurements.run_id is 'The newest of the runs.';
comment on column main.special_measurements.probe_name is 'dispatch, cold_start, loader, thread_scaling, peak_memory, own_timer, accuracy, deployment, serving, ease, several_processes, idiom or changing_shapes.';
comment on column main.special_measurements.framework is 'Framework; keras_… is Keras on that backend.';
comment on column main.special_measurements.mode is 'eager, compiled or xla; of loading, serial or parallel; of memory, the policy after the mode where it is another than as it comes; of deployment and serving, the network and the format, such as CNN, ONNX; of changing_shapes, after compiled, what the compiler is told of shapes.';
comment on column main.special_measurements.device is 'Where it ran.';
comment on column main.special_measurements.threads_count is 'Threads that the framework was given.';
comment on column main.special_measurements.measure is 'What the figure is: call and operation (dispatch), import, first step and steady step (cold start), throughput (loading), the case (threads), after import, above import, device allocated and device reserved (memory), accuracy and loss, and those of deployment, serving, ease and several processes, which deployed_models, served_models, framework_ease, several_processes, idioms and changing_shapes tell one by one.';
comment on column main.special_measurements.unit is 's, samples/s, requests a second, byte, fraction, nat, times, or what was counted.';
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
