-- Grain: one row per series and population of two_way: its newest period.
create or replace view main.two_way_newest as
with newest as (
    select
        series_id, population, period_start, period_end, pytorch_n, tensorflow_n, base, pytorch_share, interval_low,
        interval_high, interval_method, leader, as_of, source_id, is_preliminary
    from main.two_way
    qualify row_number() over (partition by series_id, population order by period_end desc, period_start desc) = 1
),
tally as (
    select
        series_id, max(period_end) as series_end,
        count(*) as populations_count,
        count(*) filter (where leader = compared_frameworks()[1]) as pytorch_leads_count,
        count(*) filter (where leader = compared_frameworks()[2]) as tensorflow_leads_count,
        count(*) filter (where leader = 'cannot tell') as undecided_count
    from newest
    group by series_id
)
select
    newest.series_id,
    series.title as series_title,
    series.unit,
    newest.population,
    row_number() over (
        partition by newest.series_id
        order by newest.period_end < tally.series_end - interval 2 year, newest.base desc nulls last, newest.population
    ) as population_rank,
    newest.period_start,
    newest.period_end,
    newest.pytorch_n,
    newest.tensorflow_n,
    newest.base,
    newest.pytorch_share,
    newest.interval_low,
    newest.interval_high,
    newest.interval_method,
    newest.leader,
    newest.is_preliminary,
    tally.populations_count,
    tally.pytorch_leads_count,
    tally.tensorflow_leads_count,
    tally.undecided_count,
    newest.as_of,
    source_health.age_days,
    source_health.state as source_state,
    source_health.title as source_title,
    newest.source_id
from newest
join tally on tally.series_id = newest.series_id
left join ref.series series on series.series_id = newest.series_id
left join main.source_health source_health on source_health.source_id = newest.source_id;

comment on view main.two_way_newest is 'The newest figure of PyTorch against TensorFlow for each series and population, and in how many populations of the series each leads.';
comment on column main.two_way_newest.series_id is 'The series; see series.';
comment on column main.two_way_newest.series_title is 'Its title in words.';
comment on column main.two_way_newest.unit is 'What one unit of n is.';
comment on column main.two_way_newest.population is 'Of whom or what, as in two_way.';
comment on column main.two_way_newest.population_rank is '1 for the population of the series with the largest base, then on down, ties by name; those whose newest period ended two years before the series'' newest come last.';
comment on column main.two_way_newest.period_start is 'First day of the newest period in which both frameworks have a figure.';
comment on column main.two_way_newest.period_end is 'Last day of that period.';
comment on column main.two_way_newest.pytorch_n is 'Count for PyTorch; null where only a percentage was published.';
comment on column main.two_way_newest.tensorflow_n is 'Count for TensorFlow; null where only a percentage was published.';
comment on column main.two_way_newest.base is 'Both counts together; a subject that names both is in it twice.';
comment on column main.two_way_newest.pytorch_share is 'PyTorch''s part of the two together, 0 to 1.';
comment on column main.two_way_newest.interval_low is 'Lower end of the 95 % interval of pytorch_share; null where interval_method says why.';
comment on column main.two_way_newest.interval_high is 'Upper end of the 95 % interval of pytorch_share; null where interval_method says why.';
comment on column main.two_way_newest.interval_method is 'How the interval was made, or why there is none.';
comment on column main.two_way_newest.leader is 'pytorch or tensorflow where the whole interval (of a complete count the greater number) lies on its side, else: cannot tell.';
comment on column main.two_way_newest.is_preliminary is 'True where either figure is preliminary.';
comment on column main.two_way_newest.populations_count is 'Populations of the series that have a figure for both; the same in every row of a series.';
comment on column main.two_way_newest.pytorch_leads_count is 'Of these, those in which PyTorch leads at their newest period.';
comment on column main.two_way_newest.tensorflow_leads_count is 'Of these, those in which TensorFlow leads at their newest period.';
comment on column main.two_way_newest.undecided_count is 'Of these, those in which neither leads.';
comment on column main.two_way_newest.as_of is 'The older of the two figures'' days.';
comment on column main.two_way_newest.age_days is 'Days from the newest record of the source to the start of the newest run; null before the first run.';
comment on column main.two_way_newest.source_state is 'How the source stands; see source_health.';
comment on column main.two_way_newest.source_title is 'Name of the source.';
comment on column main.two_way_newest.source_id is 'Where the figures come from.';
