-- Grain: one row per headline, series, population and ordered pair of frameworks, in the period that headlines shows.
-- The earlier figure is of the same pair, population and segment, of a period of the same length, and as near to a year
-- before as there is one; no change is ever counted across a break.
create or replace view main.headline_pairs as
with pair as materialized (
    select
        series_id, population, period_start, period_end, first, second, second_place, first_n, second_n, base, both_n,
        subjects_count, first_share, interval_low, interval_high, interval_method, leader, break_id
    from main.pairwise
),
shown as (
    select
        headline.headline_id, headline.speaking_place, headline.population_place, pair.series_id, pair.population,
        pair.period_start, pair.period_end, pair.first, pair.second, pair.second_place, pair.first_n, pair.second_n,
        pair.base, pair.both_n, pair.subjects_count, pair.first_share, pair.interval_low, pair.interval_high, pair.interval_method,
        if(headline.is_enough, pair.leader, 'cannot tell') as leader, pair.break_id, headline.as_of, headline.source_id,
        headline.is_preliminary
    from main.headlines headline
    join pair
      on pair.series_id = headline.series_id and pair.population = headline.population
     and pair.period_start = headline.period_start
     and least(pair.period_end, headline.evidence_day) = headline.period_end
),
earlier as (
    select
        shown.headline_id, shown.series_id, shown.population, shown.first, shown.second,
        pair.period_start, pair.period_end, pair.first_share, pair.interval_low, pair.interval_high
    from shown
    join pair
      on pair.series_id = shown.series_id and pair.population = shown.population and pair.first = shown.first
     and pair.second = shown.second and pair.break_id = shown.break_id and pair.period_end < shown.period_start
     and abs((pair.period_end - pair.period_start) - (shown.period_end - shown.period_start)) <= 3
     and pair.first_share is not null
    qualify row_number() over (
        partition by shown.headline_id, shown.series_id, shown.population, shown.first, shown.second
        order by abs(date_diff('day', pair.period_end, shown.period_end) - 365), pair.period_end
    ) = 1
)
select
    shown.headline_id,
    shown.series_id,
    shown.speaking_place,
    shown.population,
    shown.population_place,
    shown.period_start,
    shown.period_end,
    shown.first,
    shown.second,
    shown.second_place,
    shown.first_n,
    shown.second_n,
    shown.base,
    shown.both_n,
    shown.subjects_count,
    shown.first_share,
    shown.interval_low,
    shown.interval_high,
    shown.interval_method,
    shown.leader,
    earlier.period_start as earlier_start,
    earlier.period_end as earlier_end,
    earlier.first_share as earlier_share,
    datediff('month', earlier.period_end, shown.period_end) as span_months,
    shown.first_share - earlier.first_share as change,
    -- Two intervals together are as wide as the root of the sum of their squares.
    case
        when earlier.first_share is null then null
        when shown.interval_method = 'none: no random sample' then false
        when shown.interval_low is null or earlier.interval_low is null then shown.first_share <> earlier.first_share
        else abs(shown.first_share - earlier.first_share) > sqrt(
            pow((shown.interval_high - shown.interval_low) / 2, 2)
            + pow((earlier.interval_high - earlier.interval_low) / 2, 2)
        )
    end as is_change_sure,
    shown.as_of,
    shown.source_id,
    source.title as source_title,
    shown.is_preliminary
from shown
left join earlier
  on earlier.headline_id = shown.headline_id and earlier.series_id = shown.series_id
 and earlier.population = shown.population and earlier.first = shown.first and earlier.second = shown.second
left join ref.source source on source.source_id = shown.source_id;

comment on view main.headline_pairs is 'Any two frameworks in the figures that the headlines rest on, and how their shares have moved since a comparable earlier period.';
comment on column main.headline_pairs.headline_id is 'The topic; see headlines.';
comment on column main.headline_pairs.series_id is 'The series.';
comment on column main.headline_pairs.speaking_place is '1 for the series that speaks for the topic.';
comment on column main.headline_pairs.population is 'Of whom or what.';
comment on column main.headline_pairs.population_place is '1 for the population with the largest base.';
comment on column main.headline_pairs.period_start is 'First day of the period.';
comment on column main.headline_pairs.period_end is 'Last day of the period.';
comment on column main.headline_pairs.first is 'The framework whose part first_share is.';
comment on column main.headline_pairs.second is 'The framework that it is set against.';
comment on column main.headline_pairs.second_place is 'Place of the second among all deep-learning frameworks of the series, population and period.';
comment on column main.headline_pairs.first_n is 'Count for the first; null where only a percentage was published.';
comment on column main.headline_pairs.second_n is 'Count for the second.';
comment on column main.headline_pairs.base is 'Both counts together.';
comment on column main.headline_pairs.both_n is 'Respondents who named both; null where single answers are not known.';
comment on column main.headline_pairs.subjects_count is 'All subjects that were asked or counted; null where there is no honest denominator.';
comment on column main.headline_pairs.first_share is 'Part of the first of the two together, 0 to 1.';
comment on column main.headline_pairs.interval_low is 'Lower end of its 95 % interval; null where interval_method says why.';
comment on column main.headline_pairs.interval_high is 'Upper end of its 95 % interval.';
comment on column main.headline_pairs.interval_method is 'How the interval was made, or why there is none; see pairwise.';
comment on column main.headline_pairs.leader is 'The one of the two that surely leads, else: cannot tell; also where the base is too small for a verdict.';
comment on column main.headline_pairs.earlier_start is 'First day of the earlier period; null where no earlier one compares.';
comment on column main.headline_pairs.earlier_end is 'Last day of it.';
comment on column main.headline_pairs.earlier_share is 'first_share of that period.';
comment on column main.headline_pairs.span_months is 'Months from the end of the earlier period to that of this one.';
comment on column main.headline_pairs.change is 'first_share less earlier_share.';
comment on column main.headline_pairs.is_change_sure is 'True where the change is greater than both intervals together allow for chance; of complete counts any change is, of what was not drawn at random none.';
comment on column main.headline_pairs.as_of is 'The day on which the figure was seen.';
comment on column main.headline_pairs.source_id is 'Where it comes from.';
comment on column main.headline_pairs.source_title is 'Title of that source.';
comment on column main.headline_pairs.is_preliminary is 'True where a figure is preliminary.';
