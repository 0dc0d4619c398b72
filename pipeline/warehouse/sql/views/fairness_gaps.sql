-- Grain: one row per machine and requirement of the fairness passport.
create or replace view main.fairness_gaps as
with each_requirement as (
    unpivot (
        select
            machine_id, framework,
            coalesce(cast(same_weights as varchar), 'unknown') as "same weights",
            coalesce(cast(outputs_agree as varchar), 'unknown') as "outputs agree",
            coalesce(cast(precision_read_back as varchar), 'unknown') as "precision read back",
            coalesce(cast(both_modes as varchar), 'unknown') as "both modes",
            coalesce(cast(warmup_flat as varchar), 'unknown') as "warm-up flat",
            coalesce(cast(interleaved as varchar), 'unknown') as "interleaved",
            coalesce(cast(has_interval as varchar), 'unknown') as "interval",
            coalesce(cast(memory_policy as varchar), 'unknown') as "memory policy",
            coalesce(cast(versions as varchar), 'unknown') as "versions",
            coalesce(cast(blas_path as varchar), 'unknown') as "BLAS path",
            coalesce(cast(within_threads as varchar), 'unknown') as "within its threads",
            coalesce(cast(beyond_faults as varchar), 'unknown') as "not from page faults",
            coalesce(cast(beyond_handovers as varchar), 'unknown') as "not from handovers between threads"
        from main.fairness_passport
    )
    on "same weights", "outputs agree", "precision read back", "both modes", "warm-up flat", "interleaved", "interval",
       "memory policy", "versions", "BLAS path", "within its threads", "not from page faults",
       "not from handovers between threads"
    into name requirement value state
),
passports as (
    select machine_id, count(*) filter (where len(missing) = 0) as complete_count
    from main.fairness_passport
    group by machine_id
)
select
    each_requirement.machine_id,
    each_requirement.requirement,
    count(*) as comparisons_count,
    count(*) filter (where each_requirement.state = 'true') as met_count,
    count(*) filter (where each_requirement.state = 'false') as unmet_count,
    count(*) filter (where each_requirement.state = 'unknown') as unknown_count,
    list_sort(coalesce(
        list(distinct each_requirement.framework) filter (where each_requirement.state <> 'true'), []
    )) as frameworks,
    any_value(passports.complete_count) as complete_count
from each_requirement
join passports on passports.machine_id = each_requirement.machine_id
group by each_requirement.machine_id, each_requirement.requirement;

comment on view main.fairness_gaps is 'How many comparisons of each machine meet each requirement of the fairness passport, and where it is missing.';
comment on column main.fairness_gaps.machine_id is 'The machine; see machines.';
comment on column main.fairness_gaps.requirement is 'The requirement, in words; the columns of fairness_passport say what each means.';
comment on column main.fairness_gaps.comparisons_count is 'Comparisons of frameworks on the machine.';
comment on column main.fairness_gaps.met_count is 'Of these, those that meet the requirement.';
comment on column main.fairness_gaps.unmet_count is 'Of these, those that do not.';
comment on column main.fairness_gaps.unknown_count is 'Of these, those of which what was stored does not tell.';
comment on column main.fairness_gaps.frameworks is 'The frameworks of whose comparisons it is missing or unknown.';
comment on column main.fairness_gaps.complete_count is 'Comparisons on the machine that meet every requirement; the same in each of its rows.';
