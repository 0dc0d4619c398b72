-- fail: Every figure has an interval, both ends, or says in interval_method why it has none
select series_id, population, period_start, framework, interval_low, interval_high, interval_method
from adoption
where interval_method is null
   or (interval_low is null) <> (interval_high is null)
   or (bound_low is null) <> (bound_high is null)
   or (interval_low is null) <> (interval_method like 'none: %')
order by all
