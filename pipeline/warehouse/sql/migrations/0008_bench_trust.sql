-- What shows how far a benchmark's figures may be trusted: a framework against itself, the machine's peaks, and what
-- the fairness passport asks for and was not kept yet.
alter table core.bench_variant add column problem_sha256 varchar;  -- of all inputs and weights, as the worker made them
alter table core.bench_variant add column step_samples bigint;     -- samples of the batch, where the case has one
alter table core.bench_variant add column step_operations bigint;  -- floating-point operations of a step, by the case
alter table core.bench_variant add column step_bytes bigint;       -- least bytes that a step must read and write
alter table core.bench_worker add column memory_policy json;       -- allocator settings, read in the worker
alter table core.bench_worker add column blas_path varchar;        -- code path of the matrix products, as they tell it
create table core.bench_self_sample (
    run_id varchar not null, case_name varchar not null, size varchar not null, dtype varchar not null,
    device varchar not null, framework varchar not null, mode varchar not null,
    repetition integer not null, side varchar not null,
    launch_index integer not null, round_index integer not null,
    attempt_index integer not null, order_index integer not null,
    steps_count integer not null check (steps_count > 0), step_seconds double not null check (step_seconds > 0),
    cpu_seconds double not null, other_cpus double, is_disturbed boolean not null,
    disturbances varchar, stolen_cpus double, pressure_fraction double, involuntary_switches_count integer,
    clock_change_fraction double,
    primary key (
        run_id, case_name, size, dtype, device, framework, mode, repetition, side, launch_index, round_index,
        attempt_index
    )
);
-- Computed once after a run from its samples, by the same estimator as core.derived_performance.
create table core.derived_self_comparison (
    run_id varchar not null, case_name varchar not null, size varchar not null, dtype varchar not null,
    device varchar not null, framework varchar not null, mode varchar not null, repetition integer not null,
    launches_count integer not null, samples_count integer not null, disturbed_count integer not null,
    ratio double not null, ratio_low double not null, ratio_high double not null,
    spread double not null, stability varchar not null,
    primary key (run_id, case_name, size, dtype, device, framework, mode, repetition)
);
create table core.bench_peak (
    run_id varchar not null, device varchar not null, measure varchar not null, unit varchar not null,
    workload varchar not null, library varchar not null, threads_count integer not null,
    repeats_count integer not null, outcome varchar not null, message varchar, value double,
    primary key (run_id, device, measure)
);
