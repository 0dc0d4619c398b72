-- Grain: one row per run and check.
create or replace view main.check_results as
select
    check_result.run_id,
    check_result.check_name,
    check_result.severity,
    check_result.offenders_count,
    check_result.offenders_count = 0 as has_passed,
    check_result.sentence
from ops.check_result check_result;

comment on view main.check_results is 'What the data checks of each run found.';
comment on column main.check_results.run_id is 'The run.';
comment on column main.check_results.check_name is 'Name of the check.';
comment on column main.check_results.severity is 'fail: offenders stop publishing; warn: they are only reported.';
comment on column main.check_results.offenders_count is 'Rows that break the rule.';
comment on column main.check_results.has_passed is 'True where no row breaks the rule.';
comment on column main.check_results.sentence is 'The rule, in words.';
