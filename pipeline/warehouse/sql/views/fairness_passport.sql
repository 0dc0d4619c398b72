-- Grain: one row per comparison of a framework with its reference: a case, size, dtype, device, framework, mode and machine
-- of `performance`. Each requirement is true, false, or null where what was stored does not tell.
create or replace view main.fairness_passport as
with side as (
    select
        run_id, case_name, size, dtype, device, framework, mode,
        case when count(problem_sha256) = count(*) then min(problem_sha256) end as problem_low,
        case when count(problem_sha256) = count(*) then max(problem_sha256) end as problem_high,
        bool_and(outputs_agree) as outputs_agree,
        bool_and(is_warmup_flat) as is_warmup_flat
    from core.bench_variant
    where outcome = 'measured'
    group by run_id, case_name, size, dtype, device, framework, mode
),
told as (
    select
        run_id, framework, device, launch_index, framework_version, blas_path,
        cast(memory_policy as varchar) as memory_policy,
        -- Each framework has its own word for products in full precision.
        coalesce(
            read_back ->> '$.float32_matmul_precision' = 'highest'
                and coalesce(read_back ->> '$.cudnn_allow_tf32', 'false') = 'false',
            read_back ->> '$.tensor_float_32' = 'false',
            read_back ->> '$.default_matmul_precision' = 'highest'
        ) as is_full_precision
    from core.bench_worker
),
worker as (
    select
        run_id, framework, device,
        case when count(is_full_precision) = count(*) then bool_and(is_full_precision) end as is_full_precision,
        case when count(memory_policy) = count(*) then min(memory_policy) end as policy_low,
        case when count(memory_policy) = count(*) then max(memory_policy) end as policy_high,
        case when count(blas_path) = count(*) then min(blas_path) end as blas_path,
        min(framework_version) as version_low, max(framework_version) as version_high
    from told
    group by run_id, framework, device
),
modes as (
    select run_id, case_name, size, dtype, device, framework,
           bool_or(mode = 'eager') and bool_or(mode <> 'eager') as has_both_modes
    from side
    group by run_id, case_name, size, dtype, device, framework
),
paired as (
    select
        own.run_id, own.case_name, own.size, own.dtype, own.device, own.framework, own.mode,
        reference.framework as reference_framework,
        count(*) as pairs_count
    from main.benchmark_samples own
    join main.benchmark_samples reference
      on reference.run_id = own.run_id and reference.case_name = own.case_name and reference.size = own.size
     and reference.dtype = own.dtype and reference.device = own.device
     and reference.mode = case own.mode when 'xla' then 'compiled' else own.mode end
     and reference.launch_index = own.launch_index and reference.round_index = own.round_index
     and reference.framework <> own.framework
    where own.is_counted and reference.is_counted
    group by own.run_id, own.case_name, own.size, own.dtype, own.device, own.framework, own.mode, reference.framework
),
required as (
    select
        compared.machine_id, compared.run_id, compared.measured_at, compared.case_name, compared.size, compared.dtype,
        compared.device, compared.framework, compared.mode, compared.reference_framework,
        own.problem_low = own.problem_high and own.problem_low = other.problem_low
            and other.problem_low = other.problem_high as same_weights,
        own.outputs_agree and other.outputs_agree as outputs_agree,
        own_worker.is_full_precision and other_worker.is_full_precision as precision_read_back,
        own_modes.has_both_modes and other_modes.has_both_modes as both_modes,
        own.is_warmup_flat and other.is_warmup_flat as warmup_flat,
        paired.pairs_count is not distinct from compared.samples_count and paired.pairs_count >= 2
            or if(sampled.run_id is null, null, false) as interleaved,
        compared.ratio_low is not null and compared.launches_count >= 2 as has_interval,
        own_worker.policy_low = own_worker.policy_high and own_worker.policy_low = other_worker.policy_low
            and other_worker.policy_low = other_worker.policy_high as memory_policy,
        own_worker.version_low = own_worker.version_high and other_worker.version_low = other_worker.version_high
            as versions,
        own_worker.blas_path is not null and other_worker.blas_path is not null or null as blas_path,
        not (own_cost.is_over_threads or other_cost.is_over_threads) as within_threads,
        not own_cost.rests_on_faults as beyond_faults,
        not own_cost.rests_on_handovers as beyond_handovers
    from main.performance compared
    join side own
      on own.run_id = compared.run_id and own.case_name = compared.case_name and own.size = compared.size
     and own.dtype = compared.dtype and own.device = compared.device and own.framework = compared.framework
     and own.mode = compared.mode
    join side other
      on other.run_id = own.run_id and other.case_name = own.case_name and other.size = own.size
     and other.dtype = own.dtype and other.device = own.device and other.framework = compared.reference_framework
     -- What XLA compiles is set against what the reference compiles.
     and other.mode = case own.mode when 'xla' then 'compiled' else own.mode end
    join modes own_modes
      on own_modes.run_id = own.run_id and own_modes.case_name = own.case_name and own_modes.size = own.size
     and own_modes.dtype = own.dtype and own_modes.device = own.device and own_modes.framework = own.framework
    join modes other_modes
      on other_modes.run_id = own.run_id and other_modes.case_name = own.case_name and other_modes.size = own.size
     and other_modes.dtype = own.dtype and other_modes.device = own.device
     and other_modes.framework = other.framework
    left join main.step_costs own_cost
      on own_cost.run_id = own.run_id and own_cost.case_name = own.case_name and own_cost.size = own.size
     and own_cost.dtype = own.dtype and own_cost.device = own.device and own_cost.framework = own.framework
     and own_cost.mode = own.mode
    left join main.step_costs other_cost
      on other_cost.run_id = own.run_id and other_cost.case_name = own.case_name and other_cost.size = own.size
     and other_cost.dtype = own.dtype and other_cost.device = own.device and other_cost.framework = other.framework
     and other_cost.mode = other.mode
    left join worker own_worker
      on own_worker.run_id = own.run_id and own_worker.framework = own.framework and own_worker.device = own.device
    left join worker other_worker
      on other_worker.run_id = own.run_id and other_worker.framework = other.framework
     and other_worker.device = own.device
    left join paired
      on paired.run_id = own.run_id and paired.case_name = own.case_name and paired.size = own.size
     and paired.dtype = own.dtype and paired.device = own.device and paired.framework = own.framework
     and paired.mode = own.mode and paired.reference_framework = other.framework
    left join (select distinct run_id from core.bench_sample) sampled on sampled.run_id = own.run_id
    where compared.framework <> compared.reference_framework
)
select
    machine_id, run_id, measured_at, case_name, size, dtype, device, framework, mode, reference_framework,
    same_weights, outputs_agree, precision_read_back, both_modes, warmup_flat, interleaved, has_interval, memory_policy,
    versions, blas_path, within_threads, beyond_faults, beyond_handovers,
    list_filter([
        case when same_weights is distinct from true then 'same weights' end,
        case when outputs_agree is distinct from true then 'outputs agree' end,
        case when precision_read_back is distinct from true then 'precision read back' end,
        case when both_modes is distinct from true then 'both modes' end,
        case when warmup_flat is distinct from true then 'warm-up flat' end,
        case when interleaved is distinct from true then 'interleaved' end,
        case when has_interval is distinct from true then 'interval' end,
        case when memory_policy is distinct from true then 'memory policy' end,
        case when versions is distinct from true then 'versions' end,
        case when blas_path is distinct from true then 'BLAS path' end,
        case when within_threads is distinct from true then 'within its threads' end,
        case when beyond_faults is distinct from true then 'not from page faults' end,
        case when beyond_handovers is distinct from true then 'not from handovers between threads' end
    ], lambda word: word is not null) as missing
from required;

comment on view main.fairness_passport is 'What a fair comparison needs, for each comparison in performance: true where what was stored shows it, false where it shows the contrary, null where it does not tell.';
comment on column main.fairness_passport.machine_id is 'The machine; see machines.';
comment on column main.fairness_passport.run_id is 'The run that the comparison comes from.';
comment on column main.fairness_passport.measured_at is 'When that run started, UTC.';
comment on column main.fairness_passport.case_name is 'What is computed.';
comment on column main.fairness_passport.size is 'small or large.';
comment on column main.fairness_passport.dtype is 'Number type of inputs and weights.';
comment on column main.fairness_passport.device is 'Where it ran.';
comment on column main.fairness_passport.framework is 'The framework that is compared.';
comment on column main.fairness_passport.mode is 'Its mode, and the reference''s; xla is set against compiled.';
comment on column main.fairness_passport.reference_framework is 'The framework it is compared with.';
comment on column main.fairness_passport.same_weights is 'Whether both sides had the same inputs and weights, by the hash that each worker took of what it made. Null in runs that did not keep the hash.';
comment on column main.fairness_passport.outputs_agree is 'Whether the first outputs (of training: loss and gradients) of both sides agree with the float64 reference, in every launch.';
comment on column main.fairness_passport.precision_read_back is 'Whether both frameworks, asked after they were set up, say that products of 32-bit numbers are computed in full precision. Null where a framework does not say.';
comment on column main.fairness_passport.both_modes is 'Whether both frameworks measured the case in the same run both eager and compiled. False for a framework that a run measures in one mode only, as Keras, and JAX in quick ones.';
comment on column main.fairness_passport.warmup_flat is 'Whether the last warm-up blocks of both sides agreed, in every launch; false where its time ended before.';
comment on column main.fairness_passport.interleaved is 'Whether every sample has one of the other side in the same launch and round; the order within a round is drawn anew each time. Null where the samples were not kept.';
comment on column main.fairness_passport.has_interval is 'Whether the ratio has an interval that comes from at least two launches.';
comment on column main.fairness_passport.memory_policy is 'Whether both sides'' workers found the same allocator settings in their environment. Null in runs that did not keep them.';
comment on column main.fairness_passport.versions is 'Whether both frameworks stated one version in all launches.';
comment on column main.fairness_passport.blas_path is 'True where both sides'' matrix-product libraries tell which code path they chose on this processor; null where one does not tell. Some take a slow path on some makers'' processors: see blas_paths.';
comment on column main.fairness_passport.within_threads is 'Whether neither side clearly kept more processors busy than it was given threads; else the ratio says nothing about that number of threads (see step_costs).';
comment on column main.fairness_passport.beyond_faults is 'Whether the verdict stands without the time that either side spends in the kernel over page faults (see step_costs). Null in runs that did not keep page faults.';
comment on column main.fairness_passport.beyond_handovers is 'Whether the verdict stands at the least times of both sides, where a side hands each step from one thread to another and the system decides at which cost (see step_costs). Null in runs that did not keep switches.';
comment on column main.fairness_passport.missing is 'The requirements that are false or unknown, in words; empty where all are met.';
