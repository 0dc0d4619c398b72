-- fail: A series keeps nine tenths of the figures that the release before holds of it, unless a person has looked at them and set OBSERVATORY_ACCEPT_CHANGES=1
-- A series that is no longer listed was taken out on purpose.
select before.series_id, count(*) as figures_before, count(now.series_id) as figures_kept
from adoption_before before
join ref.series listed on listed.series_id = before.series_id
left join adoption now
    on now.series_id = before.series_id and now.population = before.population
    and now.period_start = before.period_start and now.framework = before.framework
group by before.series_id
having count(*) >= 10 and count(now.series_id) < 0.9 * count(*)
order by all
