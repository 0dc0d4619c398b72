-- fail: Every figure comes from a source whose address and licence are known
select series_id, source_id, count(*) as rows_count
from adoption
where source_id is null or source_id not in (select source_id from ref.source)
group by series_id, source_id
order by all
