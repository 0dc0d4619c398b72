-- fail: Every survey wording that a figure names is in data/reference/wordings.toml
select series_id, wording_id, count(*) as rows_count
from adoption
where wording_id not in (select wording_id from ref.wording)
group by series_id, wording_id
order by all
