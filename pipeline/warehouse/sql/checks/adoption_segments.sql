-- fail: Every figure belongs to a segment of its series
select adoption.series_id, adoption.population, adoption.period_start, adoption.break_id
from adoption
where not exists (
    select 1 from metric.series_segment segment
    where segment.series_id = adoption.series_id and segment.break_id = adoption.break_id
      and segment.starts_on <= adoption.period_start and adoption.period_start < segment.ends_before
)
order by all
