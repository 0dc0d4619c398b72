-- Grain: one row per headline and population of the series that speaks in which the leader of the headline, that of the
-- largest population it counts, does not surely lead. Of the populations that it counts it is the largest in which
-- another leads. Of those that it does not count, in the same period, it is each in which another leads or the interval
-- allows a tie: so a headline on all respondents names the group in which it does not hold.
create or replace view main.headline_exceptions as
with top as (
    select series_id, population, period_start, period_end, first, second, interval_low, leader
    from main.pairwise
    where first_place = 1 and second_place = 2
),
spoken as (
    select headline_id, series_id, period_start, period_end, leader, evidence_day
    from main.headlines
    where speaking_place = 1 and population_place = 1 and leader <> 'cannot tell'
),
counted as (
    select headline_id, series_id, population, population_place, period_start, period_end, leader
    from main.headlines
    where speaking_place = 1
),
reversed as (
    select counted.headline_id, counted.population, counted.period_start, counted.period_end
    from counted
    join spoken using (headline_id)
    where counted.leader not in ('cannot tell', spoken.leader)
    qualify row_number() over (partition by counted.headline_id order by counted.population_place) = 1
),
beside as (
    select spoken.headline_id, top.population, top.period_start, spoken.period_end
    from spoken
    join top
      on top.series_id = spoken.series_id and top.period_start = spoken.period_start
     and least(top.period_end, spoken.evidence_day) = spoken.period_end
    left join counted on counted.headline_id = spoken.headline_id and counted.population = top.population
    where counted.headline_id is null and top.leader <> spoken.leader
      and (top.leader <> 'cannot tell' or top.interval_low <= 0.5)
),
found as (
    select headline_id, population, period_start, period_end from reversed
    union all
    select headline_id, population, period_start, period_end from beside
)
select
    found.headline_id,
    spoken.series_id,
    found.population,
    found.period_start,
    found.period_end,
    pair.first,
    pair.second,
    pair.first_n,
    pair.second_n,
    pair.base,
    pair.first_share,
    pair.interval_low,
    pair.interval_high,
    pair.interval_method,
    top.leader,
    pair.as_of,
    pair.source_id
from found
join spoken using (headline_id)
join top
  on top.series_id = spoken.series_id and top.population = found.population
 and top.period_start = found.period_start and least(top.period_end, spoken.evidence_day) = found.period_end
-- Who leads here against who leads in the headline; where nobody does, the two with most.
join main.pairwise pair
  on pair.series_id = top.series_id and pair.population = top.population and pair.period_start = top.period_start
 and pair.period_end = top.period_end and pair.first = top.first
 and pair.second = if(top.leader = 'cannot tell', top.second, spoken.leader);

comment on view main.headline_exceptions is 'Populations of the series behind a headline in which its leader does not surely lead: the largest of those that it counts in which another leads, and each of the others in the same period.';
comment on column main.headline_exceptions.headline_id is 'The topic; see headlines.';
comment on column main.headline_exceptions.series_id is 'The series that speaks for it.';
comment on column main.headline_exceptions.population is 'Of whom or what.';
comment on column main.headline_exceptions.period_start is 'First day of its period.';
comment on column main.headline_exceptions.period_end is 'Last day of it, at most the day of the evidence.';
comment on column main.headline_exceptions.first is 'The deep-learning framework with the greatest figure in this population.';
comment on column main.headline_exceptions.second is 'The leader of the headline where first surely leads, else the one with the second greatest figure.';
comment on column main.headline_exceptions.first_n is 'Count for the first; null where only a percentage was published.';
comment on column main.headline_exceptions.second_n is 'Count for the second.';
comment on column main.headline_exceptions.base is 'Both counts together.';
comment on column main.headline_exceptions.first_share is 'Part of the first of the two together, 0 to 1.';
comment on column main.headline_exceptions.interval_low is 'Lower end of its 95 % interval; null where interval_method says why.';
comment on column main.headline_exceptions.interval_high is 'Upper end of it.';
comment on column main.headline_exceptions.interval_method is 'How the interval was made, or why there is none.';
comment on column main.headline_exceptions.leader is 'Who surely leads in this population, or: cannot tell; see pairwise.';
comment on column main.headline_exceptions.as_of is 'The day on which the figures were seen.';
comment on column main.headline_exceptions.source_id is 'Where they come from.';
