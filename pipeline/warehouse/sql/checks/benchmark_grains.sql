-- fail: A public view of benchmarks has one row per grain, as its file states it
-- One statement per view: all in one would hold every view in memory at a time.
select 'performance' as view_name,
       count(*) - count(distinct row(case_name, size, dtype, device, framework, mode, machine_id)) as repeated_rows
from main.performance having repeated_rows > 0;
select 'adoption_vs_performance' as view_name,
       count(*) - count(distinct row(
           series_id, population, framework, case_name, size, dtype, device, mode, machine_id
       )) as repeated_rows
from main.adoption_vs_performance having repeated_rows > 0;
select 'benchmark_outcomes' as view_name,
       count(*) - count(distinct row(
           run_id, launch_index, case_name, size, dtype, device, framework, mode
       )) as repeated_rows
from main.benchmark_outcomes having repeated_rows > 0;
select 'benchmark_history' as view_name,
       count(*) - count(distinct row(run_id, case_name, size, dtype, device, framework, mode)) as repeated_rows
from main.benchmark_history having repeated_rows > 0;
select 'performance_tally' as view_name,
       count(*) - count(distinct row(machine_id, device, framework, mode)) as repeated_rows
from main.performance_tally having repeated_rows > 0;
select 'special_measurements' as view_name,
       count(*) - count(distinct row(
           machine_id, probe_name, framework, mode, device, threads_count, measure, outcome
       )) as repeated_rows
from main.special_measurements having repeated_rows > 0;
select 'self_comparisons' as view_name,
       count(*) - count(distinct row(
           run_id, case_name, size, dtype, device, framework, mode, repetition
       )) as repeated_rows
from main.self_comparisons having repeated_rows > 0;
select 'machine_certificate' as view_name, count(*) - count(distinct machine_id) as repeated_rows
from main.machine_certificate having repeated_rows > 0;
select 'fairness_passport' as view_name,
       count(*) - count(distinct row(machine_id, case_name, size, dtype, device, framework, mode)) as repeated_rows
from main.fairness_passport having repeated_rows > 0;
select 'fairness_gaps' as view_name, count(*) - count(distinct row(machine_id, requirement)) as repeated_rows
from main.fairness_gaps having repeated_rows > 0;
select 'blas_paths' as view_name,
       count(*) - count(distinct row(machine_id, framework, framework_version, blas_path)) as repeated_rows
from main.blas_paths having repeated_rows > 0;
select 'mode_speedups' as view_name, count(*) - count(distinct row(machine_id, device, framework, mode)) as repeated_rows
from main.mode_speedups having repeated_rows > 0;
select 'further_modes' as view_name,
       count(*) - count(distinct row(machine_id, device, framework, mode, case_name, size, dtype)) as repeated_rows
from main.further_modes having repeated_rows > 0;
select 'performance_by_kind' as view_name,
       count(*) - count(distinct row(machine_id, device, kind, framework, mode)) as repeated_rows
from main.performance_by_kind having repeated_rows > 0;
select 'accuracy_equivalence' as view_name, count(*) - count(distinct machine_id) as repeated_rows
from main.accuracy_equivalence having repeated_rows > 0;
select 'accuracy_differences' as view_name,
       count(*) - count(distinct row(machine_id, device, framework, mode)) as repeated_rows
from main.accuracy_differences having repeated_rows > 0;
select 'training_memory' as view_name, count(*) - count(distinct row(machine_id, framework, mode, policy)) as repeated_rows
from main.training_memory having repeated_rows > 0;
select 'loader_headroom' as view_name,
       count(*) - count(distinct row(machine_id, framework, loading_mode)) as repeated_rows
from main.loader_headroom having repeated_rows > 0;
select 'deployed_models' as view_name,
       count(*) - count(distinct row(machine_id, framework, network, format)) as repeated_rows
from main.deployed_models having repeated_rows > 0;
select 'served_models' as view_name,
       count(*) - count(distinct row(machine_id, framework, network, format)) as repeated_rows
from main.served_models having repeated_rows > 0;
select 'framework_ease' as view_name, count(*) - count(distinct row(machine_id, framework)) as repeated_rows
from main.framework_ease having repeated_rows > 0;
select 'several_processes' as view_name,
       count(*) - count(distinct row(machine_id, framework, mode, network)) as repeated_rows
from main.several_processes having repeated_rows > 0;
select 'idioms' as view_name,
       count(*) - count(distinct row(machine_id, device, framework, mode, network)) as repeated_rows
from main.idioms having repeated_rows > 0;
select 'changing_shapes' as view_name,
       count(*) - count(distinct row(machine_id, device, framework, mode, network)) as repeated_rows
from main.changing_shapes having repeated_rows > 0;
select 'roofline' as view_name,
       count(*) - count(distinct row(machine_id, case_name, size, dtype, device, framework, mode)) as repeated_rows
from main.roofline having repeated_rows > 0;
select 'step_costs' as view_name,
       count(*) - count(distinct row(run_id, case_name, size, dtype, device, framework, mode)) as repeated_rows
from main.step_costs having repeated_rows > 0;
select 'machines' as view_name, count(*) - count(distinct machine_id) as repeated_rows
from main.machines having repeated_rows > 0;
