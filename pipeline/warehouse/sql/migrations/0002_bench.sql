-- Benchmarks: a machine, a run, what became of every variant, and every sample.
create table core.machine (machine_id varchar primary key, title varchar not null, fingerprint json not null);
create table core.bench_run (
    run_id varchar primary key, machine_id varchar not null, started_at timestamp not null,
    finished_at timestamp, settings json not null
);
create table core.bench_variant (
    run_id varchar not null, case_name varchar not null, size varchar not null, dtype varchar not null,
    device varchar not null, framework varchar not null, mode varchar not null,
    framework_version varchar, threads_count integer,
    outcome varchar not null,                 -- measured | missing | unsupported | outputs differ | crashed | out of memory | timed out | failed
    message varchar,
    build_seconds double, first_step_seconds double, warmup_steps_count integer,
    peak_memory_bytes bigint, outputs_agree boolean, relative_error double,
    primary key (run_id, case_name, size, dtype, device, framework, mode)
);
create table core.bench_sample (
    run_id varchar not null, case_name varchar not null, size varchar not null, dtype varchar not null,
    device varchar not null, framework varchar not null, mode varchar not null,
    launch_index integer not null, round_index integer not null, order_index integer not null,
    steps_count integer not null, step_seconds double not null, cpu_seconds double,
    other_cpus double, is_disturbed boolean not null,
    primary key (run_id, case_name, size, dtype, device, framework, mode, launch_index, round_index)
);
-- Bootstrap results, computed once after a run from its samples and shown by the view `performance`.
create table core.derived_performance (
    run_id varchar not null, case_name varchar not null, size varchar not null, dtype varchar not null,
    device varchar not null, framework varchar not null, mode varchar not null,
    samples_count integer not null, launches_count integer not null,
    step_seconds_median double not null, step_seconds_q25 double not null, step_seconds_q75 double not null,
    step_seconds_low double not null, step_seconds_high double not null,
    reference_framework varchar, ratio double, ratio_low double, ratio_high double,
    spread double not null, stability varchar not null, verdict varchar not null,
    primary key (run_id, case_name, size, dtype, device, framework, mode)
);
