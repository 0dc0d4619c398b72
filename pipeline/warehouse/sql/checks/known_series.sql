-- fail: Every series of adoption is in data/reference/series.toml
select series_id, count(*) as rows_count
from adoption
where series_id is null or series_id not in (select series_id from ref.series)
group by series_id
order by all
