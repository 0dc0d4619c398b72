-- Grain: one row per series, population and segment.
create or replace view main.series_breaks as
select
    segment.series_id,
    segment.population,
    segment.break_id,
    segment.starts_on,
    nullif(segment.ends_before, date '9999-12-31') as ends_before,
    segment.reason
from metric.series_segment segment;

comment on view main.series_breaks is 'Stretches of time within which the figures of a series compare; no line may join figures of two of them.';
comment on column main.series_breaks.series_id is 'The series.';
comment on column main.series_breaks.population is 'The population the segment holds for; null: every population without segments of its own.';
comment on column main.series_breaks.break_id is 'Identifier of the segment, as in adoption.';
comment on column main.series_breaks.starts_on is 'First day of the segment.';
comment on column main.series_breaks.ends_before is 'First day after it; null for the last segment.';
comment on column main.series_breaks.reason is 'Why figures before and after its start do not compare.';
