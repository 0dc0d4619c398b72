-- fail: A public view of benchmarks has one row per grain, as its file states it
select view_name, rows_count - grains_count as repeated_rows
from (
    select 'performance' as view_name, count(*) as rows_count,
           count(distinct row(case_name, size, dtype, device, framework, mode, machine_id)) as grains_count
    from main.performance
    union all
    select 'adoption_vs_performance', count(*),
           count(distinct row(series_id, population, framework, case_name, size, dtype, device, mode, machine_id))
    from main.adoption_vs_performance
    union all
    select 'benchmark_outcomes', count(*),
           count(distinct row(run_id, launch_index, case_name, size, dtype, device, framework, mode))
    from main.benchmark_outcomes
    union all
    select 'benchmark_history', count(*),
           count(distinct row(run_id, case_name, size, dtype, device, framework, mode))
    from main.benchmark_history
    union all
    select 'performance_tally', count(*), count(distinct row(machine_id, device, framework, mode))
    from main.performance_tally
    union all
    select 'special_measurements', count(*),
           count(distinct row(machine_id, probe_name, framework, mode, device, threads_count, measure, outcome))
    from main.special_measurements
    union all
    select 'self_comparisons', count(*),
           count(distinct row(run_id, case_name, size, dtype, device, framework, mode, repetition))
    from main.self_comparisons
    union all
    select 'machine_certificate', count(*), count(distinct machine_id) from main.machine_certificate
    union all
    select 'fairness_passport', count(*),
           count(distinct row(machine_id, case_name, size, dtype, device, framework, mode))
    from main.fairness_passport
    union all
    select 'fairness_gaps', count(*), count(distinct row(machine_id, requirement)) from main.fairness_gaps
    union all
    select 'blas_paths', count(*), count(distinct row(machine_id, framework, framework_version, blas_path))
    from main.blas_paths
    union all
    select 'mode_speedups', count(*), count(distinct row(machine_id, framework, mode)) from main.mode_speedups
    union all
    select 'performance_by_kind', count(*), count(distinct row(machine_id, kind, framework, mode))
    from main.performance_by_kind
    union all
    select 'accuracy_equivalence', count(*), count(distinct machine_id) from main.accuracy_equivalence
    union all
    select 'training_memory', count(*), count(distinct row(machine_id, framework, mode)) from main.training_memory
    union all
    select 'loader_headroom', count(*), count(distinct row(machine_id, framework, loading_mode))
    from main.loader_headroom
    union all
    select 'roofline', count(*), count(distinct row(machine_id, case_name, size, dtype, device, framework, mode))
    from main.roofline
    union all
    select 'machines', count(*), count(distinct machine_id) from main.machines
)
where rows_count <> grains_count
order by all
