-- Grain: one row per machine, device, kind of case, framework and mode: how those cases came out against the reference
-- framework.
create or replace view main.performance_by_kind as
with grouped as (
    -- A case declares its group; every launch of a variant has the same.
    select distinct run_id, case_name, size, case_group as kind from core.bench_variant where case_group is not null
)
select
    compared.machine_id,
    compared.device,
    if(grouped.kind = 'CPU maths' and compared.device <> 'cpu', 'single operations', grouped.kind) as kind,
    compared.framework,
    compared.mode,
    any_value(compared.reference_framework) as reference_framework,
    max(compared.measured_at) as measured_at,
    count(*) as cases_count,
    count(*) filter (where compared.verdict = 'faster') as faster_count,
    count(*) filter (where compared.verdict = 'slower') as slower_count,
    count(*) filter (where compared.verdict = 'same') as same_count,
    count(*) filter (where compared.verdict = 'no difference shown') as no_difference_count,
    count(*) filter (where compared.verdict = 'not comparable') as not_comparable_count,
    min(compared.ratio) filter (where compared.verdict <> 'not comparable') as least_ratio,
    max(compared.ratio) filter (where compared.verdict <> 'not comparable') as greatest_ratio
from main.performance compared
join grouped
  on grouped.run_id = compared.run_id and grouped.case_name = compared.case_name and grouped.size = compared.size
where compared.verdict <> 'reference'
group by compared.machine_id, compared.device, grouped.kind, compared.framework, compared.mode;

comment on view main.performance_by_kind is 'The comparisons of performance, a device at a time, by the kinds of case that people ask about.';
comment on column main.performance_by_kind.machine_id is 'The machine; see machines.';
comment on column main.performance_by_kind.device is 'Where it ran; both sides on the same.';
comment on column main.performance_by_kind.kind is 'small models: networks at their small size; CPU maths: single operations at every size, which on another device are called that; language model: one of 17 million parameters; ResNet-50 inference. A case declares its kind.';
comment on column main.performance_by_kind.framework is 'The framework that is compared.';
comment on column main.performance_by_kind.mode is 'Its mode, and the reference''s.';
comment on column main.performance_by_kind.reference_framework is 'The framework it is compared with.';
comment on column main.performance_by_kind.measured_at is 'When the newest of the runs started, UTC.';
comment on column main.performance_by_kind.cases_count is 'Cases, at each size and number type.';
comment on column main.performance_by_kind.faster_count is 'Of these, those in which it was faster.';
comment on column main.performance_by_kind.slower_count is 'Of these, those in which it was slower.';
comment on column main.performance_by_kind.same_count is 'Of these, those in which both were the same within the margin.';
comment on column main.performance_by_kind.no_difference_count is 'Of these, those in which neither was shown.';
comment on column main.performance_by_kind.not_comparable_count is 'Of these, those in which both sides share fewer than four rounds or one was not measured.';
comment on column main.performance_by_kind.least_ratio is 'Smallest ratio of step times among the comparable ones: below 1 it is quicker than the reference. Null where none is comparable.';
comment on column main.performance_by_kind.greatest_ratio is 'Greatest of them.';
