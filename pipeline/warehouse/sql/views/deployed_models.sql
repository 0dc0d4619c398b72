-- Grain: one row per machine, framework, network and format in which it was to leave the framework.
create or replace view main.deployed_models as
select
    machine_id,
    max(measured_at) as measured_at,
    framework,
    split_part(mode, ', ', 1) as network,
    split_part(mode, ', ', 2) as format,
    workload,
    coalesce(max(outcome) filter (outcome = 'measured'), max(outcome)) as outcome,
    if(count(value_median) > 0, null, min(message)) as message,
    max(value_median) filter (measure = 'export') as export_seconds,
    max(value_median) filter (measure = 'size') as size_bytes,
    max(value_median) filter (measure = 'load') as load_seconds,
    max(value_median) filter (measure = 'first answer') as first_answer_seconds,
    max(value_median) filter (measure = 'latency p50') as latency_p50_seconds,
    max(value_median) filter (measure = 'latency p95') as latency_p95_seconds,
    max(value_median) filter (measure = 'latency p99') as latency_p99_seconds,
    max(value_median) filter (measure = 'processors') as processors_count,
    case
        when max(value_median) filter (measure = 'processors') > 1.1 then false
        when max(value_median) filter (measure = 'processors') >= 0.9 then true
    end as keeps_to_one_thread,
    max(value_median) filter (measure = 'peak memory') as peak_memory_bytes,
    max(value_median) filter (measure = 'error') as error_fraction,
    max(value_median) filter (measure = 'answers changed') as changed_answers_fraction,
    max(figures_count) as processes_count,
    (
        select max(event.happened_on)
        from main.events event
        where event.is_end and event.tool = split_part(special_measurements.mode, ', ', 2)
    ) as format_ended_on
from main.special_measurements
where probe_name = 'deployment'
group by machine_id, framework, mode, workload;

comment on view main.deployed_models is 'What it takes to ship a network: exported by its framework''s own way, then loaded and asked by one thread in a fresh process that holds nothing else; medians over such processes.';
comment on column main.deployed_models.machine_id is 'The machine; see machines.';
comment on column main.deployed_models.measured_at is 'When the newest of the runs started, UTC.';
comment on column main.deployed_models.framework is 'The framework that the network leaves.';
comment on column main.deployed_models.network is 'CNN or transformer: the networks of cnn_inference and transformer_inference at their small size, batch of 1.';
comment on column main.deployed_models.format is 'What was written; int8: its weights turned into numbers of eight bits, without sample data. ONNX, LiteRT and OpenVINO answer by a runtime of their own, in a process that cannot find the framework; ExecuTorch answers by its own too (XNNPACK on processors), whose arrays in Python are PyTorch''s; the others by the framework itself. OpenVINO computes in float32 here, as all do; by itself it would take bfloat16 where the processor can.';
comment on column main.deployed_models.workload is 'What was asked, in words.';
comment on column main.deployed_models.outcome is 'measured, or why there are no figures: unsupported where the network cannot leave in this format, its file cannot be run, or a package for it is not installed.';
comment on column main.deployed_models.message is 'What the exporter, the runtime or the harness said where there are no figures.';
comment on column main.deployed_models.export_seconds is 'Exporting, from the weights in memory to the file; the first in its process.';
comment on column main.deployed_models.size_bytes is 'The file, or all files of the folder.';
comment on column main.deployed_models.load_seconds is 'From an empty process to a model that can be asked, the import of what runs it included.';
comment on column main.deployed_models.first_answer_seconds is 'The first answer, which compiles or allocates what loading did not.';
comment on column main.deployed_models.latency_p50_seconds is 'Half of 1,000 answers took at most this, from NumPy array to NumPy array, one after the other.';
comment on column main.deployed_models.latency_p95_seconds is '95 % of them took at most this; on a busy machine others are in it.';
comment on column main.deployed_models.latency_p99_seconds is '99 % of them took at most this; on a busy machine others are in it.';
comment on column main.deployed_models.processors_count is 'Processor seconds of the process for each second of those answers: near 1 where one thread computes, less where it waits, more where others compute beside it.';
comment on column main.deployed_models.keeps_to_one_thread is 'Whether that is 0.9 to 1.1; above, the runtime took more than the one thread it was given, and its latency is not that of one. Null below, where the machine was too busy to tell or the runtime waits, and where it was not measured.';
comment on column main.deployed_models.peak_memory_bytes is 'Highest resident memory of the process that answers; null where the system does not tell.';
comment on column main.deployed_models.error_fraction is 'Largest difference from the float64 reference over 32 inputs, over the largest value of its results.';
comment on column main.deployed_models.changed_answers_fraction is 'Of those 32 inputs, the fraction whose highest score is another class than the reference''s: the accuracy lost. The weights are random, so scores lie closer than in a trained network.';
comment on column main.deployed_models.processes_count is 'Fresh processes that each figure is the median of.';
comment on column main.deployed_models.format_ended_on is 'The day by which the makers of this format had deprecated or ended it, of the view events; null for all others.';
