-- warn: Every series has figures
select series_id, source_id from main.series where rows_count = 0 order by all
