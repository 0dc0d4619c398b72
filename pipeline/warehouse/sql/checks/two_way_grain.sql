-- fail: A series, population and period have one row in two_way
select series_id, population, period_start, count(*) as rows_count
from main.two_way
group by series_id, population, period_start
having count(*) > 1
order by all
