-- Grain: one row a segment of a series; a segment is a stretch of time within which figures may be compared.
--
-- A figure gets its segment with this join (at most one segment matches):
--   left join metric.series_segment segment
--     on segment.series_id = x.series_id
--    and (segment.population = x.population
--         or (segment.population is null and not list_contains(segment.other_populations, x.population)))
--    and segment.starts_on <= x.period_start and x.period_start < segment.ends_before
create or replace view metric.series_segment as
with own_population as (
    select series_id, list(distinct population order by population) filter (where population is not null) as populations
    from ref.series_break
    group by series_id
),
declared as (
    -- A population with segments of its own is cut at the common breaks too.
    select series_id, population, break_id, starts_on, reason, true as is_own from ref.series_break
    union all
    select common.series_id, named.population, common.break_id, common.starts_on, common.reason, false
    from ref.series_break common
    join (select distinct series_id, population from ref.series_break where population is not null) named
      on named.series_id = common.series_id
    where common.population is null
    union all
    -- A series without breaks is one segment.
    select series_id, null, series_id || ':1', date '1900-01-01', 'The series has no known break.', true
    from ref.series
    where series_id not in (select series_id from ref.series_break)
),
newest_first as (
    -- Where a population's own break starts on the day of a common one, its own counts.
    select series_id, population, break_id, starts_on, reason
    from declared
    qualify row_number() over (partition by series_id, population, starts_on order by is_own desc) = 1
)
select
    newest_first.series_id,
    newest_first.population,
    newest_first.break_id,
    newest_first.starts_on,
    coalesce(
        lead(newest_first.starts_on) over (
            partition by newest_first.series_id, newest_first.population order by newest_first.starts_on
        ),
        date '9999-12-31'
    ) as ends_before,
    newest_first.reason,
    case when newest_first.population is null then coalesce(own_population.populations, []) else [] end
        as other_populations
from newest_first
left join own_population on own_population.series_id = newest_first.series_id;

comment on view metric.series_segment is 'Stretches of time within which the figures of a series may be compared.';
comment on column metric.series_segment.series_id is 'The series.';
comment on column metric.series_segment.population is 'The population it holds for; null: every population without segments of its own.';
comment on column metric.series_segment.break_id is 'Identifier of the break that opens the segment.';
comment on column metric.series_segment.starts_on is 'First day of the segment.';
comment on column metric.series_segment.ends_before is 'First day that no longer belongs to it; 9999-12-31 for the last segment.';
comment on column metric.series_segment.reason is 'Why figures before and after the start may not be compared.';
comment on column metric.series_segment.other_populations is 'Populations with segments of their own, to which a segment without population does not apply.';
