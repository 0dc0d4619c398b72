-- fail: A series stays within twofold of the release before in the middle of its settled figures, unless a person has looked at them and set OBSERVATORY_ACCEPT_CHANGES=1
-- A period that was still under way when it was published may grow; single values are judged as they are collected.
select before.series_id, count(*) as figures_count, round(median(now.n / before.n), 3) as ratio
from adoption_before before
join adoption now
    on now.series_id = before.series_id and now.population = before.population
    and now.period_start = before.period_start and now.framework = before.framework
where before.n >= 20 and before.period_end <= before.as_of - 45
group by before.series_id
having count(*) >= 3 and median(now.n / before.n) not between 0.5 and 2
order by all
