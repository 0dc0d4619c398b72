-- Grain: one row per series, population and framework with its newest figure, and a case, size, dtype, device, mode and
-- machine on which that framework was measured here. Ratios stand case by case; there is no overall score.
create or replace view main.adoption_vs_performance as
with latest as (
    select
        series_id, population, measure, period_start, period_end, framework, n, base, share, break_id, source_id,
        is_preliminary
    from main.adoption
    qualify rank() over (partition by series_id, population, measure order by period_end desc, period_start desc) = 1
)
select
    latest.series_id,
    latest.population,
    latest.measure,
    latest.period_start,
    latest.period_end,
    latest.framework,
    latest.n,
    latest.base,
    latest.share,
    latest.break_id,
    latest.source_id,
    latest.is_preliminary,
    performance.machine_id,
    performance.case_name,
    performance.size,
    performance.dtype,
    performance.device,
    performance.mode,
    performance.step_seconds_median,
    performance.reference_framework,
    performance.ratio,
    performance.ratio_low,
    performance.ratio_high,
    performance.verdict
from latest
join main.performance performance on performance.framework = latest.framework
where performance.step_seconds_median is not null
  and not performance.is_imported;

comment on view main.adoption_vs_performance is 'The newest adoption figure of each framework beside its step times. It shows association on one machine among a handful of frameworks; it cannot show a cause, and no correlation should be computed from it.';
comment on column main.adoption_vs_performance.series_id is 'What is counted; see series.';
comment on column main.adoption_vs_performance.population is 'Of whom or what.';
comment on column main.adoption_vs_performance.measure is 'What n counts, as in adoption.';
comment on column main.adoption_vs_performance.period_start is 'First day of the newest period of the series and population.';
comment on column main.adoption_vs_performance.period_end is 'Last day of that period; frameworks without a figure for it are left out.';
comment on column main.adoption_vs_performance.framework is 'Framework.';
comment on column main.adoption_vs_performance.n is 'The count; null where only a percentage was published.';
comment on column main.adoption_vs_performance.base is 'The denominator of share; null where no honest one exists.';
comment on column main.adoption_vs_performance.share is 'n as a fraction of base.';
comment on column main.adoption_vs_performance.break_id is 'The segment of the series.';
comment on column main.adoption_vs_performance.source_id is 'Where the adoption figure comes from.';
comment on column main.adoption_vs_performance.is_preliminary is 'True where the adoption figure may be revised.';
comment on column main.adoption_vs_performance.machine_id is 'The machine the step times are from; see machines.';
comment on column main.adoption_vs_performance.case_name is 'What is computed.';
comment on column main.adoption_vs_performance.size is 'small or large.';
comment on column main.adoption_vs_performance.dtype is 'Number type.';
comment on column main.adoption_vs_performance.device is 'Where it ran.';
comment on column main.adoption_vs_performance.mode is 'eager, compiled, or xla: compiled through XLA where that is not how the framework compiles by itself.';
comment on column main.adoption_vs_performance.step_seconds_median is 'Median seconds of one step.';
comment on column main.adoption_vs_performance.reference_framework is 'The framework that ratio compares with, in the same mode; xla with its compiled mode.';
comment on column main.adoption_vs_performance.ratio is 'Step time over the reference framework''s: 2 is twice as slow. Null for the reference itself.';
comment on column main.adoption_vs_performance.ratio_low is 'Lower end of the 95 % interval of ratio.';
comment on column main.adoption_vs_performance.ratio_high is 'Upper end of the 95 % interval of ratio.';
comment on column main.adoption_vs_performance.verdict is 'What the interval allows to say; see performance.';
