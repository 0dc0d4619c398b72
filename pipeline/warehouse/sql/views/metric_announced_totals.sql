-- Grain: one row per series, population, period and framework.
-- Every series whose figures a service announces as totals. A subject is `population: what was asked for`; the
-- subject of the same population without a framework is its base. A series that joins needs no line here.
create or replace view metric.announced_totals as
with newest as (
    select
        total.source_id, series.series_id, series.measure, trim(split_part(total.subject, ':', 1)) as population,
        total.framework, total.period_start, total.period_end, total.observed_on, total.items_count
    from core.period_count total
    join ref.series series on series.source_id = total.source_id
    where contains(total.subject, ':')
    qualify row_number() over (
        partition by total.source_id, total.measure, total.subject, total.period_start, total.period_end
        order by total.observed_on desc
    ) = 1
)
select
    part.series_id, part.population, part.period_start, part.period_end, part.framework, part.measure,
    part.items_count as n,
    -- Asked on different days a part can come out greater than its whole; then there is no base.
    case when whole.items_count >= part.items_count then whole.items_count end as base,
    -- Job posts stand for jobs, of which those of one forum are a part.
    part.measure <> 'posts' as is_complete_count,
    part.observed_on as as_of, part.source_id, part.observed_on <= part.period_end as is_preliminary
from newest part
left join newest whole
  on whole.source_id = part.source_id and whole.series_id = part.series_id and whole.population = part.population
 and whole.framework is null and whole.period_start = part.period_start and whole.period_end = part.period_end
where part.framework is not null;

comment on view metric.announced_totals is 'Figures that a service announces as totals without listing what it counts: papers found by a query, new repositories of a topic, questions of a tag. Only the newest answer to each question is shown.';
comment on column metric.announced_totals.population is 'What was searched and how.';
comment on column metric.announced_totals.period_start is 'First day of the period in which what is counted began: published, created, asked.';
comment on column metric.announced_totals.framework is 'The framework that the query, topic or tag stands for.';
comment on column metric.announced_totals.n is 'The total that the service announced. 0 is an answer, and a period that was not asked for has no row.';
comment on column metric.announced_totals.base is 'Everything in the same place and period, as announced; null where it was not asked for, or came out smaller than its part.';
comment on column metric.announced_totals.is_complete_count is 'True where the service counts everything that the series is about, so nothing was sampled and share has no interval; false for job posts, which stand for jobs.';
comment on column metric.announced_totals.as_of is 'Day on which the service gave this total; totals of past periods drift.';
comment on column metric.announced_totals.is_preliminary is 'True where the period was not over when the service was asked.';
