-- fail: No period ends before it starts, and none starts or was reported after the last day of the newest run
select series_id, population, period_start, period_end, framework, as_of
from adoption
where period_end < period_start
   or period_start > newest_run_day() or as_of > newest_run_day()
   or period_start is null or period_end is null or as_of is null
order by all
