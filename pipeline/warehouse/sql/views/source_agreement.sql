-- Grain: one row per series that compares both of compared_frameworks(): its newest period, in its largest population.
-- Sources measure different things, so they are set side by side and never averaged. Each is the logarithm of one
-- framework to the other with its own interval and the declared direction of its bias; leaving its source out shows
-- whether the count of the others would still say the same.
create or replace view main.source_agreement as
with told as (
    select
        two_way_newest.series_id, two_way_newest.population,
        two_way_newest.period_start, two_way_newest.period_end, two_way_newest.pytorch_n as first_n,
        two_way_newest.tensorflow_n as second_n,
        two_way_newest.pytorch_share as first_share, two_way_newest.interval_low, two_way_newest.interval_high,
        two_way_newest.interval_method, two_way_newest.leader, two_way_newest.age_days, two_way_newest.source_id
    from main.two_way_newest
    where population_rank = 1
),
others as (
    select
        told.series_id, count(distinct other.source_id) as others_count,
        count(distinct other.source_id) filter (where other.leader = compared_frameworks()[1]) as others_first_count,
        count(distinct other.source_id) filter (where other.leader = compared_frameworks()[2]) as others_second_count
    from told
    join told other on other.source_id <> told.source_id
    group by told.series_id
),
moved as (
    select series_id, population, first_share - earlier_share as change, is_change_sure, earlier_end
    from main.headline_pairs
    where first = compared_frameworks()[1] and second = compared_frameworks()[2]
    qualify row_number() over (partition by series_id, population order by headline_id) = 1
)
select
    told.series_id,
    coalesce(series.short_title, series.title) as series_title,
    told.population,
    told.period_start,
    told.period_end,
    told.first_n,
    told.second_n,
    told.first_share,
    told.interval_low,
    told.interval_high,
    told.interval_method,
    case when told.first_share > 0 and told.first_share < 1
        then ln(told.first_share / (1 - told.first_share)) end as log_odds,
    told.leader as framework,
    case
        when moved.series_id is null then 'not followed'
        when moved.change is null then 'no earlier period compares'
        when not moved.is_change_sure then 'cannot tell'
        when moved.change > 0 then 'towards ' || first_name.title
        when moved.change < 0 then 'towards ' || second_name.title
        else 'no change'
    end as movement,
    moved.earlier_end,
    series.bias_direction,
    coalesce(others.others_count, 0) as other_sources_count,
    coalesce(others.others_first_count, 0) as others_first_count,
    coalesce(others.others_second_count, 0) as others_second_count,
    told.age_days,
    told.age_days > 730 as is_old,
    told.source_id
from told
left join others on others.series_id = told.series_id
left join moved on moved.series_id = told.series_id and moved.population = told.population
left join ref.series series on series.series_id = told.series_id
left join ref.framework first_name on first_name.framework = compared_frameworks()[1]
left join ref.framework second_name on second_name.framework = compared_frameworks()[2];

comment on view main.source_agreement is 'What each series says of PyTorch against TensorFlow, how it moves, which way its bias points, and what the other sources say without it. No average is made of them.';
comment on column main.source_agreement.series_id is 'The series; see series.';
comment on column main.source_agreement.series_title is 'Its short title.';
comment on column main.source_agreement.population is 'Its largest population, of those that are still counted; see population_rank in two_way_newest.';
comment on column main.source_agreement.period_start is 'First day of the newest period in which both have a figure.';
comment on column main.source_agreement.period_end is 'Last day of it.';
comment on column main.source_agreement.first_n is 'Count for PyTorch; null where only a percentage was published.';
comment on column main.source_agreement.second_n is 'Count for TensorFlow; null where only a percentage was published.';
comment on column main.source_agreement.first_share is 'PyTorch''s part of the two together, 0 to 1.';
comment on column main.source_agreement.interval_low is 'Lower end of its 95 % interval; null where interval_method says why.';
comment on column main.source_agreement.interval_high is 'Upper end of it.';
comment on column main.source_agreement.interval_method is 'How the interval was made, or why there is none.';
comment on column main.source_agreement.log_odds is 'Natural logarithm of PyTorch to TensorFlow: 0 is even; null where one side is zero.';
comment on column main.source_agreement.framework is 'Which of the two leads, as in two_way; cannot tell where neither surely does.';
comment on column main.source_agreement.movement is 'Towards which of the two it moved since a comparable earlier period, beyond what both intervals allow for chance; cannot tell; no earlier period compares; or not followed, where no headline rests on the series.';
comment on column main.source_agreement.earlier_end is 'Last day of that earlier period.';
comment on column main.source_agreement.bias_direction is 'Which way the known bias of the series points.';
comment on column main.source_agreement.other_sources_count is 'Other sources that have a figure for both.';
comment on column main.source_agreement.others_first_count is 'Of these, sources with a series that has PyTorch ahead.';
comment on column main.source_agreement.others_second_count is 'Of these, sources with a series that has TensorFlow ahead.';
comment on column main.source_agreement.age_days is 'Days from the newest record of the source to the start of the newest run.';
comment on column main.source_agreement.is_old is 'Whether that is more than two years.';
comment on column main.source_agreement.source_id is 'Where the figures come from.';
