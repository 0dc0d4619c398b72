-- Grain: one row per machine, framework, network and format that was put behind HTTP.
create or replace view main.served_models as
select
    machine_id,
    max(measured_at) as measured_at,
    framework,
    max(framework_version) as framework_version,
    split_part(mode, ', ', 1) as network,
    split_part(mode, ', ', 2) as format,
    workload,
    coalesce(max(outcome) filter (outcome = 'measured'), max(outcome)) as outcome,
    if(count(value_median) > 0, null, min(message)) as message,
    try_cast(regexp_extract(workload, ': (\d+) a second', 1) as integer) as fixed_rate,
    try_cast(regexp_extract(workload, '(\d+) while p99', 1) as integer) as highest_rate,
    try_cast(regexp_extract(workload, 'p99 is within ([\d.]+) ms', 1) as double) / 1000 as bound_seconds,
    max(value_median) filter (measure = 'p50') as latency_p50_seconds,
    max(value_median) filter (measure = 'p99') as latency_p99_seconds,
    max(value_lowest) filter (measure = 'p99') as latency_p99_lowest,
    max(value_highest) filter (measure = 'p99') as latency_p99_highest,
    max(value_median) filter (measure = 'pressure') as pressure_fraction,
    max(value_median) filter (measure = 'rate') as rate_in_time,
    max(value_lowest) filter (measure = 'rate') as rate_lowest,
    max(value_highest) filter (measure = 'rate') as rate_highest,
    max(figures_count) as rounds_count
from main.special_measurements
where probe_name = 'serving'
group by machine_id, framework, mode, workload;

comment on view main.served_models is 'How an exported network answers as a server: each format behind one and the same small HTTP server of Python''s own library, one thread in a process of its own, asked on loopback by another process that sends every request when it is due, whatever has been answered. A latency counts from the moment the request was due, so that waiting is in it. Every answer is held against what the same model says without HTTP. How the formats compare behind one server, and not what a serving product would do.';
comment on column main.served_models.machine_id is 'The machine; see machines.';
comment on column main.served_models.measured_at is 'When the newest of the runs started, UTC.';
comment on column main.served_models.framework is 'The framework that the network leaves.';
comment on column main.served_models.framework_version is 'Its version; null without a figure.';
comment on column main.served_models.network is 'CNN or transformer, as in deployed_models.';
comment on column main.served_models.format is 'What was written; see deployed_models.';
comment on column main.served_models.workload is 'What was asked, in words: the fixed rate, the ladder of rates and the bound that p99 must stay within.';
comment on column main.served_models.outcome is 'measured, or why there are no figures; see deployed_models.';
comment on column main.served_models.message is 'What the exporter, the runtime or the harness said where there are no figures.';
comment on column main.served_models.fixed_rate is 'Requests a second at which the latencies were taken, by the workload; null where that does not say it.';
comment on column main.served_models.highest_rate is 'Requests a second: the highest rate of the ladder; null as above.';
comment on column main.served_models.bound_seconds is 'The bound that p99 must stay within; null as above.';
comment on column main.served_models.latency_p50_seconds is 'At the fixed rate half of the answers took at most this, from the moment the request was due until the whole answer was read; median over rounds.';
comment on column main.served_models.latency_p99_seconds is 'At the fixed rate 99 % of the answers took at most this; median over rounds. What else a busy machine does is in it.';
comment on column main.served_models.latency_p99_lowest is 'The lowest p99 of a round: where the highest is far from it, the machine was busy with something else.';
comment on column main.served_models.latency_p99_highest is 'The highest p99 of a round.';
comment on column main.served_models.pressure_fraction is 'The part of that time in which anything at all on the machine waited for a processor; null where the system does not tell. On a quiet machine near 0: where it is not, the latencies and rates are those of a busy machine. Median over rounds.';
comment on column main.served_models.rate_in_time is 'Requests a second: the highest rate of the ladder up to which every p99 stayed within the bound; 0 where even the fixed rate did not. The highest of the ladder where none failed. Median over rounds.';
comment on column main.served_models.rate_lowest is 'The lowest such rate of a round.';
comment on column main.served_models.rate_highest is 'The highest such rate of a round.';
comment on column main.served_models.rounds_count is 'Rounds, each of three fresh processes, that the figures are the medians of.';
