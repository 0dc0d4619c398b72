-- Benchmarks: a machine, a run, its worker processes, what became of every variant in every launch, and every sample.
create table core.machine (
    machine_id varchar primary key,           -- hash of the hardware facts in fingerprint
    title varchar not null, is_virtual boolean not null, fingerprint json not null
);
create table core.bench_run (
    run_id varchar primary key, machine_id varchar not null, started_at timestamp not null,
    finished_at timestamp not null, is_interrupted boolean not null,
    settings json not null,                   -- the protocol: seed, threads, rounds, block length, budget
    environment json not null                 -- what may change on one machine: kernel, Python, package versions, BLAS
);
-- One child process: a framework in one launch. read_back is what the framework itself reports after being set up.
create table core.bench_worker (
    run_id varchar not null, launch_index integer not null, framework varchar not null, device varchar not null,
    framework_version varchar not null, threads_count integer not null, import_seconds double not null,
    resident_bytes bigint, read_back json not null,
    primary key (run_id, launch_index, framework, device)
);
create table core.bench_variant (
    run_id varchar not null, launch_index integer not null,
    case_name varchar not null, size varchar not null, dtype varchar not null,
    device varchar not null, framework varchar not null, mode varchar not null,
    workload varchar not null,                -- the size in words, so that a changed size is not taken for the old one
    outcome varchar not null, message varchar,
    build_seconds double, first_step_seconds double, is_from_cache boolean,
    warmup_steps_count integer, is_warmup_flat boolean,
    peak_memory_bytes bigint, outputs_agree boolean, relative_error double, tolerance double,
    primary key (run_id, launch_index, case_name, size, dtype, device, framework, mode)
);
create table core.bench_sample (
    run_id varchar not null, case_name varchar not null, size varchar not null, dtype varchar not null,
    device varchar not null, framework varchar not null, mode varchar not null,
    launch_index integer not null, round_index integer not null, order_index integer not null,
    steps_count integer not null check (steps_count > 0), step_seconds double not null check (step_seconds > 0),
    cpu_seconds double not null,              -- of the worker, all its threads, per step
    other_cpus double,                        -- processors kept busy by anything else meanwhile
    is_disturbed boolean not null,
    primary key (run_id, case_name, size, dtype, device, framework, mode, launch_index, round_index)
);
-- Bootstrap results, computed once after a run from its samples and shown by the view `performance`.
create table core.derived_performance (
    run_id varchar not null, case_name varchar not null, size varchar not null, dtype varchar not null,
    device varchar not null, framework varchar not null, mode varchar not null,
    samples_count integer not null, launches_count integer not null, disturbed_count integer not null,
    step_seconds_median double not null, step_seconds_q25 double not null, step_seconds_q75 double not null,
    step_seconds_low double not null, step_seconds_high double not null,
    reference_framework varchar not null, ratio double, ratio_low double, ratio_high double,
    margin_fraction double not null, spread double not null, stability varchar not null, verdict varchar not null,
    primary key (run_id, case_name, size, dtype, device, framework, mode)
);
