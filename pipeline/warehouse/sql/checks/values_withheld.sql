-- warn: No value of the newest run is withheld
select source_id, subject, quantity, found_count, reason from main.withheld
where withheld_on >= newest_run_started_at()::date or last_good_count is null
order by all
