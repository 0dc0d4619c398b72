-- fail: A public view of benchmarks has one row a grain, as its file states it
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
    select 'machines', count(*), count(distinct machine_id) from main.machines
)
where rows_count <> grains_count
order by all
