-- fail: Every framework that a figure names is in data/reference/frameworks
select series_id, framework, count(*) as rows_count
from adoption
where framework is null or framework not in (select framework from ref.framework)
group by series_id, framework
order by all
