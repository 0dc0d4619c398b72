-- Grain: one row per headline, series that may speak for it and population: the newest period with enough base. A
-- population whose newest period ended two years before the series' newest has fallen out of it and is left out.
-- Sound is what has enough base, no delivery set aside, and is not older than three times its own rhythm (and half a
-- year). Of the sound series the newest speaks, the more trusted of two that are equally new; where none is sound, the
-- newest with enough base does. Age is counted to the newest day on which anything on file was seen, from the last day
-- that a figure can speak of: a survey of a year that was published in its summer says nothing of that autumn.
create or replace view main.headlines as
with top as (
    select
        series_id, population, period_start, period_end, first as top_framework, second as next_framework,
        first_share as top_share, base, leader, break_id, as_of, source_id, is_preliminary
    from main.pairwise
    where first_place = 1 and second_place = 2
),
evidence as (
    select max(as_of) as evidence_day from main.adoption
),
rhythm as (
    select series_id, median(days) as rhythm_days
    from (
        select
            series_id,
            date_diff('day', lag(period_end) over (partition by series_id, population order by period_end), period_end)
                as days
        from top
    )
    where days > 0
    group by series_id
),
newest as (
    select
        entry.headline_id, entry.trust_place, entry.series_id, top.population, top.period_start,
        least(top.period_end, evidence.evidence_day) as period_end, least(top.period_end, top.as_of) as told_until,
        top.top_framework, top.next_framework, top.top_share, top.base, top.leader,
        top.break_id, top.as_of, top.source_id, top.is_preliminary, evidence.evidence_day,
        coalesce(top.base >= entry.least_base, false) as is_enough
    from ref.headline_series entry
    join top
      on top.series_id = entry.series_id
     and (len(entry.populations) = 0 or list_contains(entry.populations, top.population))
    cross join evidence
    qualify row_number() over (
        partition by entry.headline_id, entry.series_id, top.population
        order by is_enough desc, top.period_end desc, top.period_start desc
    ) = 1
),
candidate as (
    select
        headline_id, trust_place, series_id, population, period_start, period_end, told_until, top_framework,
        next_framework, top_share, base, leader, break_id, as_of, source_id, is_preliminary, evidence_day, is_enough
    from newest
    qualify period_end >= max(period_end) filter (where is_enough) over (partition by headline_id, series_id)
        - interval 2 year or not bool_or(is_enough) over (partition by headline_id, series_id)
),
whole as (
    select
        headline_id, series_id, any_value(trust_place) as trust_place, count(*) as populations_count,
        count(*) filter (where leader = 'cannot tell') as undecided_count,
        min(period_start) as series_start, max(period_end) as series_end, any_value(source_id) as source_id,
        date_diff('day', max(told_until), any_value(evidence_day)) as age_days,
        bool_or(is_enough) as is_enough
    from candidate
    group by headline_id, series_id
),
counted as (
    select headline_id, series_id, leader, count(*) as leads_count
    from candidate
    where leader <> 'cannot tell' and is_enough
    group by headline_id, series_id, leader
    qualify row_number() over (partition by headline_id, series_id order by leads_count desc, leader) = 1
),
judged as (
    select
        whole.headline_id, whole.series_id, whole.trust_place, whole.populations_count, whole.undecided_count,
        whole.series_start, whole.series_end, whole.age_days, coalesce(counted.leads_count, 0) as leads_count,
        case
            when counted.leads_count is null then 'cannot tell'
            when 3 * counted.leads_count >= 2 * whole.populations_count then counted.leader
            when counted.leads_count + whole.undecided_count = whole.populations_count then 'cannot tell'
            else 'disagree'
        end as series_leader,
        rhythm.rhythm_days, whole.is_enough,
        case
            when not whole.is_enough then 'too few'
            when whole.source_id in (select source_id from ops.quarantine) then 'set aside'
            when whole.age_days > greatest(180, 3 * coalesce(rhythm.rhythm_days, 365)) then 'stale'
            else 'sound'
        end as soundness
    from whole
    left join counted on counted.headline_id = whole.headline_id and counted.series_id = whole.series_id
    left join rhythm on rhythm.series_id = whole.series_id
),
ranked as (
    select
        headline_id, series_id, populations_count, undecided_count, series_start, series_end, age_days, leads_count,
        series_leader, rhythm_days, soundness,
        row_number() over (
            partition by headline_id
            order by soundness = 'sound' desc, is_enough desc, series_end desc, trust_place
        ) as speaking_place
    from judged
)
select
    ranked.headline_id,
    ranked.series_id,
    ranked.speaking_place,
    ranked.soundness,
    ranked.series_leader,
    ranked.series_start,
    ranked.series_end,
    ranked.age_days,
    ranked.rhythm_days,
    ranked.populations_count,
    ranked.leads_count,
    ranked.undecided_count,
    candidate.population,
    row_number() over (
        partition by ranked.headline_id, ranked.series_id order by candidate.base desc nulls last, candidate.population
    ) as population_place,
    candidate.period_start,
    candidate.period_end,
    candidate.top_framework,
    candidate.next_framework,
    candidate.top_share,
    candidate.base,
    candidate.is_enough,
    if(candidate.is_enough, candidate.leader, 'cannot tell') as leader,
    candidate.is_preliminary,
    candidate.evidence_day,
    candidate.as_of,
    candidate.source_id,
    series.title as series_title,
    series.unit,
    series.sampling
from ranked
join candidate on candidate.headline_id = ranked.headline_id and candidate.series_id = ranked.series_id
left join ref.series series on series.series_id = ranked.series_id;

comment on view main.headlines is 'Which series speaks for each topic of the page''s headlines, and what it says of each population: the newest sound one, by the rule that stands in data/reference/headlines.toml.';
comment on column main.headlines.headline_id is 'The topic.';
comment on column main.headlines.series_id is 'A series that may speak for it; see series.';
comment on column main.headlines.speaking_place is '1 for the series that speaks, then the others in the order in which they would.';
comment on column main.headlines.soundness is 'sound; or why not: too few (no population has the least base), set aside (a delivery of its source is in quarantine), stale (older than three of its own periods and half a year).';
comment on column main.headlines.series_leader is 'The framework that leads in at least two thirds of the populations; cannot tell; or disagree where different ones lead.';
comment on column main.headlines.series_start is 'First day of the oldest period that is shown of the series.';
comment on column main.headlines.series_end is 'Last day of the newest, at most the day of the evidence.';
comment on column main.headlines.age_days is 'Days from series_end, or from the day on which its newest figure was published where that is earlier, to evidence_day.';
comment on column main.headlines.rhythm_days is 'Days between the ends of periods of the series, their median; null where it has one period.';
comment on column main.headlines.populations_count is 'Populations of the series that count for the topic.';
comment on column main.headlines.leads_count is 'Of these, those in which the framework leads that leads in most.';
comment on column main.headlines.undecided_count is 'Of these, those in which nobody surely leads.';
comment on column main.headlines.population is 'Of whom or what.';
comment on column main.headlines.population_place is '1 for the population with the largest base.';
comment on column main.headlines.period_start is 'First day of its newest period with enough base.';
comment on column main.headlines.period_end is 'Last day of it, at most the day of the evidence.';
comment on column main.headlines.top_framework is 'The deep-learning framework with the greatest figure.';
comment on column main.headlines.next_framework is 'The one with the second greatest.';
comment on column main.headlines.top_share is 'Part of the first of these two together, 0 to 1.';
comment on column main.headlines.base is 'Both their counts together.';
comment on column main.headlines.is_enough is 'True where base is at least what the topic asks for.';
comment on column main.headlines.leader is 'top_framework where it surely leads the next, else: cannot tell; see pairwise.';
comment on column main.headlines.is_preliminary is 'True where a figure is preliminary.';
comment on column main.headlines.evidence_day is 'The newest day on which any figure on file was seen: the archive''s, or that of the newest live answer.';
comment on column main.headlines.as_of is 'The day on which the figure was seen.';
comment on column main.headlines.source_id is 'Where it comes from.';
comment on column main.headlines.series_title is 'Title of the series.';
comment on column main.headlines.unit is 'What one unit of a count is.';
comment on column main.headlines.sampling is 'sample, or no random sample.';
