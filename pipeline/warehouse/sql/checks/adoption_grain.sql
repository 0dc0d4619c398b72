-- fail: A series, population, period and framework have one row in adoption
select series_id, population, period_start, framework, count(*) as rows_count
from adoption
group by series_id, population, period_start, framework
having count(*) > 1
order by all
