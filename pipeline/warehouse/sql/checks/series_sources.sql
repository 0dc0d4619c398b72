-- warn: The source of every series is known
select series_id, source_id from ref.series where source_id not in (select source_id from ref.source) order by all
