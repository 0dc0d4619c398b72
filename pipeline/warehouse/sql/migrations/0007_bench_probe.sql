-- Special measurements: one row a figure. They are no steady steps: dispatch, cold start, loading, threads, memory,
-- accuracy. Every round is a fresh child process; a figure that could not be had has a row with the reason.
create table core.bench_probe (
    run_id varchar not null, probe_name varchar not null, framework varchar not null, mode varchar not null,
    device varchar not null, threads_count integer not null,
    round_index integer not null,             -- which child process
    repetition integer not null,              -- which within it
    measure varchar not null, unit varchar not null,
    workload varchar not null,                -- what was done, in words
    outcome varchar not null, message varchar,
    value double,                             -- null where there is none
    framework_version varchar,
    conditions json not null,                 -- allocator settings, and the framework's own account
    primary key (run_id, probe_name, framework, mode, device, threads_count, round_index, repetition, measure)
);
