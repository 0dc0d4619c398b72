-- Grain: one row per segment of a series; a segment is a stretch of time within which figures may be compared.
-- At most one segment holds for a figure; metric.figures joins them.
create or replace view metric.series_segment as
with own as (
    select
        series_id,
        coalesce(list_sort(list_distinct(list(population) filter (where population is not null))), []) as populations
    from ref.series_break
    group by series_id
),
declared as (
    select
        cut.series_id,
        -- A common break cuts those populations too that have breaks of their own.
        unnest(case when cut.population is null then list_prepend(null, own.populations) else [cut.population] end)
            as population,
        cut.break_id, cut.starts_on, cut.reason, cut.population is not null as is_own, own.populations
    from ref.series_break cut
    join own on own.series_id = cut.series_id
    union all
    -- A series without breaks is one segment.
    select series_id, null, series_id || ':1', date '1900-01-01', 'The series has no known break.', false, []
    from ref.series
    where series_id not in (select series_id from ref.series_break)
)
select
    series_id,
    population,
    break_id,
    starts_on,
    coalesce(
        lead(starts_on) over (partition by series_id, population order by starts_on, is_own), date '9999-12-31'
    ) as ends_before,
    reason,
    case when population is null then populations else [] end as other_populations
from declared
-- Where a population's own break starts on the day of a common one, its own counts.
qualify starts_on < ends_before;

comment on view metric.series_segment is 'Stretches of time within which the figures of a series may be compared.';
comment on column metric.series_segment.series_id is 'The series.';
comment on column metric.series_segment.population is 'The population it holds for; null: every population without segments of its own.';
comment on column metric.series_segment.break_id is 'Identifier of the break that opens the segment.';
comment on column metric.series_segment.starts_on is 'First day of the segment.';
comment on column metric.series_segment.ends_before is 'First day that no longer belongs to it; 9999-12-31 for the last segment.';
comment on column metric.series_segment.reason is 'Why figures before and after the start may not be compared.';
comment on column metric.series_segment.other_populations is 'Populations with segments of their own, to which a segment without population does not apply.';
