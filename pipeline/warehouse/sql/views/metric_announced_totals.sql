-- Grain: one row a series, population, period and framework.
-- Every series whose figures a service announces as totals. A subject is `population: what was asked for`; the
-- subject of the same population without a framework is its base. A series that joins needs no line here.
create or replace view metric.announced_totals as
with newest as (
    select
        total.source_id, series.series_id, series.measure,
        trim(split_part(total.subject, ':', 1)) as population,
        total.framework, total.period_start, total.period_end, total.observed_on, total.items_count
    from core.period_count total
    join ref.series series on series.source_id = total.source_id
    where contains(total.subject, ':')
    qualify row_number() over (
        partition by total.source_id, total.measure, total.subject, total.period_start, total.period_end
        order by total.observed_on desc
    ) = 1
),
figure as (
    select
        counted.series_id, counted.measure, counted.population, counted.framework, counted.period_start,
        counted.period_end, counted.observed_on, counted.source_id,
        counted.items_count::bigint as n,
        -- Asked on different days a part can come out greater than its whole; then there is no base.
        case when base.items_count >= counted.items_count then base.items_count::bigint end as base
    from newest counted
    left join newest base
      on base.source_id = counted.source_id and base.series_id = counted.series_id
     and base.population = counted.population and base.framework is null
     and base.period_start = counted.period_start and base.period_end = counted.period_end
    where counted.framework is not null
)
select
    figure.series_id,
    figure.population,
    figure.period_start,
    figure.period_end,
    figure.framework,
    figure.measure,
    figure.n,
    figure.base,
    figure.n / nullif(figure.base, 0) as share,
    wilson_low(figure.n, figure.base) as interval_low,
    wilson_high(figure.n, figure.base) as interval_high,
    case when figure.base > 0 then 'Wilson 95 %' else 'none: census count' end as interval_method,
    null::double as bound_low,
    null::double as bound_high,
    null::varchar as wording_id,
    segment.break_id,
    figure.observed_on as as_of,
    figure.source_id,
    null::varchar as ruleset_id,
    figure.observed_on <= figure.period_end as is_preliminary
from figure
left join metric.series_segment segment
  on segment.series_id = figure.series_id
 and (segment.population = figure.population
      or (segment.population is null and not list_contains(segment.other_populations, figure.population)))
 and segment.starts_on <= figure.period_start and figure.period_start < segment.ends_before;

comment on view metric.announced_totals is 'Figures that a service announces as totals without listing what it counts: papers found by a query, new repositories of a topic, questions of a tag. Only the newest answer to each question is shown.';
comment on column metric.announced_totals.series_id is 'The series; one a source.';
comment on column metric.announced_totals.population is 'What was searched and how.';
comment on column metric.announced_totals.period_start is 'First day of the period in which what is counted began: published, created, asked.';
comment on column metric.announced_totals.period_end is 'Last day of that period.';
comment on column metric.announced_totals.framework is 'The framework that the query, topic or tag stands for.';
comment on column metric.announced_totals.measure is 'What is counted; see series.';
comment on column metric.announced_totals.n is 'The total that the service announced. Nought is an answer, and a period that was not asked for has no row.';
comment on column metric.announced_totals.base is 'Everything in the same place and period, as announced; null where it was not asked for, or came out smaller than its part.';
comment on column metric.announced_totals.share is 'n / base. One item may count for several frameworks.';
comment on column metric.announced_totals.interval_low is 'Lower end of the 95 % Wilson interval, as if the period were a random sample; null without a base.';
comment on column metric.announced_totals.interval_high is 'Upper end of the 95 % Wilson interval; null without a base.';
comment on column metric.announced_totals.interval_method is 'Wilson 95 %, or none where there is no base.';
comment on column metric.announced_totals.bound_low is 'Null: nothing is known of what is silent.';
comment on column metric.announced_totals.bound_high is 'Null: nothing is known of what is silent.';
comment on column metric.announced_totals.wording_id is 'Null: no survey.';
comment on column metric.announced_totals.break_id is 'The segment of the series.';
comment on column metric.announced_totals.as_of is 'Day on which the service gave this total; totals of past periods drift.';
comment on column metric.announced_totals.source_id is 'The service.';
comment on column metric.announced_totals.ruleset_id is 'Null: the service''s own search decides.';
comment on column metric.announced_totals.is_preliminary is 'True where the period was not over when the service was asked.';
