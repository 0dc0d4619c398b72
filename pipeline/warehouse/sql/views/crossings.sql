-- Grain: one row per series, population, segment and pair of frameworks (first before second by name) of which either
-- was surely ahead in at least one period.
-- A lead is what pairwise calls one: the whole interval lies on one side, or of a complete count the greater number. A
-- period without a verdict ends no lead and begins none. A lead over a period is one at some moment of it, so the day of
-- a crossing is known to lie between the first day of the last period of the one's lead and the last day of the first
-- period of the other's: that span is its interval, and of counts by the year it is hardly less than two years wide.
create or replace view main.crossings as
with told as (
    select
        series_id, population, break_id, first, second, period_start, period_end, leader, first_share, source_id,
        leader is distinct from lag(leader) over (
            partition by series_id, population, break_id, first, second order by period_end, period_start
        ) as is_new_lead
    from main.pairwise
    where first < second and leader <> 'cannot tell'
),
numbered as (
    select
        series_id, population, break_id, first, second, period_start, period_end, leader, first_share, source_id,
        count_if(is_new_lead) over (
            partition by series_id, population, break_id, first, second order by period_end, period_start
        ) as lead_number
    from told
),
held as (
    select
        series_id, population, break_id, first, second, lead_number, any_value(leader) as leader,
        min(period_start) as lead_start, max(period_end) as lead_end, count(*) as periods_count,
        arg_min(period_end, period_start) as first_period_end, arg_max(period_start, period_end) as last_period_start,
        arg_max(first_share, period_end) as first_share, any_value(source_id) as source_id
    from numbered
    group by series_id, population, break_id, first, second, lead_number
),
segment as (
    select
        series_id, population, break_id, first, second, max(period_end) as segment_end,
        arg_max(leader, period_end) as newest_leader
    from main.pairwise
    where first < second
    group by series_id, population, break_id, first, second
),
newest as (
    select
        series_id, population, break_id, first, second, lead_number, leader, lead_start, lead_end, periods_count,
        first_period_end, first_share, source_id,
        lag(lead_end) over in_turn as other_led_until,
        lag(last_period_start) over in_turn as crossed_from
    from held
    window in_turn as (partition by series_id, population, break_id, first, second order by lead_number)
    qualify lead_number = max(lead_number) over (partition by series_id, population, break_id, first, second)
),
undecided as (
    select newest.series_id, newest.population, newest.break_id, newest.first, newest.second, count(*) as periods_count
    from newest
    join main.pairwise pairwise
      on pairwise.series_id = newest.series_id and pairwise.population = newest.population
     and pairwise.break_id is not distinct from newest.break_id and pairwise.first = newest.first and pairwise.second = newest.second
     and pairwise.leader = 'cannot tell' and pairwise.period_start > newest.other_led_until
     and pairwise.period_end < newest.lead_start
    group by newest.series_id, newest.population, newest.break_id, newest.first, newest.second
)
select
    newest.series_id,
    coalesce(series.short_title, series.title) as series_title,
    newest.population,
    newest.break_id,
    newest.first,
    newest.second,
    (newest.first in compared_frameworks() and newest.second in compared_frameworks()) as is_compared_pair,
    newest.leader as framework,
    newest.other_led_until is not null as has_crossing,
    newest.crossed_from,
    if(newest.other_led_until is null, null, newest.first_period_end) as crossed_until,
    newest.other_led_until,
    newest.lead_start,
    newest.lead_end,
    newest.periods_count,
    if(newest.other_led_until is null, null, coalesce(undecided.periods_count, 0)) as undecided_count,
    newest.lead_number - 1 as crossings_count,
    newest.first_share,
    segment.segment_end,
    segment.newest_leader = newest.leader as is_still_sure,
    newest.source_id
from newest
join segment
  on segment.series_id = newest.series_id and segment.population = newest.population
 and segment.break_id is not distinct from newest.break_id and segment.first = newest.first
 and segment.second = newest.second
left join undecided
  on undecided.series_id = newest.series_id and undecided.population = newest.population
 and undecided.break_id is not distinct from newest.break_id and undecided.first = newest.first and undecided.second = newest.second
left join ref.series series on series.series_id = newest.series_id;

comment on view main.crossings is 'When one framework passed another: the newest sure lead of each pair in each segment of a series, and between which days it began.';
comment on column main.crossings.series_id is 'The series; see series.';
comment on column main.crossings.series_title is 'Its short title.';
comment on column main.crossings.population is 'Of whom or what, as in pairwise.';
comment on column main.crossings.break_id is 'The segment; no crossing is looked for across a break.';
comment on column main.crossings.first is 'The framework of the pair that comes first by name.';
comment on column main.crossings.second is 'The other one.';
comment on column main.crossings.is_compared_pair is 'True for the pair of two_way.';
comment on column main.crossings.framework is 'Which of the two surely leads since lead_start.';
comment on column main.crossings.has_crossing is 'Whether the other led before in this segment.';
comment on column main.crossings.crossed_from is 'First day of the last period in which the other surely led: the crossing is not before; null where the other never led in this segment.';
comment on column main.crossings.crossed_until is 'Last day of the first period in which the leader surely led: the crossing is not after; null where there was none.';
comment on column main.crossings.other_led_until is 'Last day of the last period in which the other surely led; null where the other never led in this segment.';
comment on column main.crossings.lead_start is 'First day of the first period in which the leader surely led, without the other in between.';
comment on column main.crossings.lead_end is 'Last day of the newest period in which it surely led.';
comment on column main.crossings.periods_count is 'Periods of this lead that have a verdict.';
comment on column main.crossings.undecided_count is 'Periods between the two leads that have figures and no verdict; null where there was no crossing.';
comment on column main.crossings.crossings_count is 'How often the sure lead changed in this segment; more than one means that the two are close.';
comment on column main.crossings.first_share is 'Part of the first of the two together at lead_end, 0 to 1.';
comment on column main.crossings.segment_end is 'Last day of the newest period of the segment.';
comment on column main.crossings.is_still_sure is 'Whether the newest period of the segment has this verdict too; false where it has none.';
comment on column main.crossings.source_id is 'Where the figures come from.';
