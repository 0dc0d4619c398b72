-- Grain: one row per series of paper code, pair of spans, grouping, state of the code and part of its change.
-- The sums of composition_cells: mix, within and not comparable add up to the change, and over the six states each
-- part adds up to 0. Intervals are linearised: the influence of every repository on a part, with the weights and the
-- shares of its group both taken as drawn (Deville 1999), varied within each year; normal at 95 %.
create or replace view main.composition_changes as
with cell as materialized (
    select
        source_id, series_id, first_start, first_end, second_start, second_end, grouping, group_name, state, first_n,
        first_base, second_n, second_base, first_weight, second_weight, first_share, second_share, is_comparable,
        mix_part, within_part, uncompared_part, as_of,
        if(is_comparable, (first_share + second_share) / 2 - standard, 0) as mix_by_weight,
        if(is_comparable, (second_weight - first_weight) / 2, 0) as mix_by_share,
        if(is_comparable, (second_share - first_share) / 2, 0) as within_by_weight,
        if(is_comparable, (first_weight + second_weight) / 2, 0) as within_by_share
    from main.composition_cells
),
summed as (
    select
        source_id, series_id, first_start, first_end, second_start, second_end, grouping, state,
        sum(first_n)::bigint as first_n, sum(first_base)::bigint as first_base, sum(second_n)::bigint as second_n,
        sum(second_base)::bigint as second_base,
        sum(first_weight * coalesce(first_share, 0) order by group_name) as first_share,
        sum(second_weight * coalesce(second_share, 0) order by group_name) as second_share,
        sum(mix_part order by group_name) as mix, sum(within_part order by group_name) as within,
        sum(uncompared_part order by group_name) as uncompared,
        count(*) filter (where is_comparable) as groups_count, count(*) filter (where not is_comparable) as small_groups_count,
        sum(first_weight * mix_by_weight order by group_name) as first_mix_mean,
        sum(second_weight * mix_by_weight order by group_name) as second_mix_mean,
        sum(first_weight * within_by_weight order by group_name) as first_within_mean,
        sum(second_weight * within_by_weight order by group_name) as second_within_mean,
        sum(2 * mix_by_share order by group_name) as compared_growth,
        max(as_of) as as_of
    from cell
    group by all
),
drawn as (
    select
        source_id, series_id, edition_year, position, venue, outcome, state,
        count(*) over (partition by source_id, series_id, edition_year) as drawn_count
    from main.sampled_paper_code
    where population = 'all'
),
listed as (
    select source_id, edition_year, sum(entries_count) as frame_count from core.sampling_frame group by all
),
placed as (
    select
        drawn.source_id, drawn.series_id, drawn.edition_year, drawn.position, drawn.drawn_count, drawn.state as own_state,
        listed.frame_count / drawn.drawn_count as weight, drawn.venue, own.research_field
    from drawn
    join listed on listed.source_id = drawn.source_id and listed.edition_year = drawn.edition_year
    join core.sampling_frame own
      on own.source_id = drawn.source_id and own.edition_year = drawn.edition_year and own.venue = drawn.venue
    where drawn.outcome = 'with code'
),
joined as (
    select
        cell.source_id, cell.series_id, cell.first_start, cell.grouping, cell.state, cell.group_name,
        placed.edition_year, placed.position, placed.drawn_count, placed.weight,
        placed.edition_year >= year(cell.second_start) as is_second, (placed.own_state = cell.state)::integer as hit,
        cell.first_share as first_own, cell.second_share as second_own, cell.mix_by_weight, cell.mix_by_share,
        cell.within_by_weight, cell.within_by_share
    from cell
    join placed
      on placed.source_id = cell.source_id and placed.series_id = cell.series_id
     and placed.edition_year between year(cell.first_start) and year(cell.second_end)
     and if(cell.grouping = 'field', placed.research_field, placed.venue) = cell.group_name
),
-- How much each repository pulls: its part of its span (pull) and of its group (own_pull), + in the later span.
pulling as (
    select
        source_id, series_id, first_start, grouping, state, joined.edition_year, joined.drawn_count,
        if(is_second, 1, -1) as side,
        hit - if(is_second, second_own, first_own) as off_group,
        hit - if(is_second, second_share, summed.first_share) as off_all,
        weight / sum(weight) over in_span as pull,
        weight / sum(weight) over in_group as own_pull,
        mix_by_weight - if(is_second, second_mix_mean, first_mix_mean) as mix_by_weight, mix_by_share,
        within_by_weight - if(is_second, second_within_mean, first_within_mean) as within_by_weight, within_by_share,
        compared_growth
    from joined
    join summed using (source_id, series_id, first_start, grouping, state)
    window
        in_span as (
            partition by source_id, series_id, first_start, grouping, state, is_second
            order by edition_year, position rows between unbounded preceding and unbounded following
        ),
        in_group as (
            partition by source_id, series_id, first_start, grouping, state, is_second, group_name
            order by edition_year, position rows between unbounded preceding and unbounded following
        )
),
influence as (
    select
        source_id, series_id, first_start, grouping, state, edition_year, drawn_count,
        side * pull * off_all as change,
        side * pull * mix_by_weight + mix_by_share * own_pull * off_group - compared_growth / 2 * pull * off_all as mix,
        pull * within_by_weight + side * within_by_share * own_pull * off_group as within,
        change - mix - within as uncompared
    from pulling
),
yearly as (
    unpivot influence on change, mix, within, uncompared into name part value influence
),
spread as (
    select
        source_id, series_id, first_start, grouping, state, part, edition_year,
        drawn_count / (drawn_count - 1) * (sum(influence * influence) - pow(sum(influence), 2) / drawn_count) as variance
    from yearly
    where drawn_count > 1
    group by source_id, series_id, first_start, grouping, state, part, edition_year, drawn_count
),
erring as (
    select source_id, series_id, first_start, grouping, state, part, round(sqrt(sum(variance)), 9) as standard_error
    from spread
    group by all
),
told as (
    unpivot (
        select
            source_id, series_id, first_start, first_end, second_start, second_end, grouping, state, first_n,
            first_base, second_n, second_base, first_share, second_share, groups_count, small_groups_count, as_of,
            second_share - first_share as change, mix, within, uncompared
        from summed
    ) on change, mix, within, uncompared into name part value points
)
select
    told.source_id,
    told.series_id,
    told.first_start,
    told.first_end,
    told.second_start,
    told.second_end,
    told.grouping,
    told.state,
    if(told.part = 'uncompared', 'not comparable', told.part) as part,
    told.first_n,
    told.first_base,
    told.second_n,
    told.second_base,
    told.first_share,
    told.second_share,
    told.points,
    told.groups_count,
    told.small_groups_count,
    case when is_told then erring.standard_error end as standard_error,
    case when is_told then told.points - 1.959963984540054 * erring.standard_error end as interval_low,
    case when is_told then told.points + 1.959963984540054 * erring.standard_error end as interval_high,
    case
        when is_told then 'linearised, repositories drawn within each year, normal'
        when told.first_n + told.second_n < 10 then 'no interval: found in fewer than ten repositories'
        when told.groups_count = 0 then 'no interval: no group has five repositories with code in both spans'
        else 'no interval: nothing varies'
    end as interval_method,
    told.as_of
from told
left join erring using (source_id, series_id, first_start, grouping, state, part)
cross join lateral (
    select coalesce(
        told.first_n + told.second_n >= 10 and erring.standard_error > 0
            and (told.groups_count > 0 or told.part = 'change'), false
    ) as is_told
) judged;

comment on view main.composition_changes is 'How much of the change of each share in papers'' code is another mix of fields or venues, and how much another share within them. The parts sum to the change.';
comment on column main.composition_changes.source_id is 'Where the sample comes from.';
comment on column main.composition_changes.series_id is 'By what the code is written in, imports or declares.';
comment on column main.composition_changes.first_start is 'First day of the earlier span.';
comment on column main.composition_changes.first_end is 'Last day of it.';
comment on column main.composition_changes.second_start is 'First day of the later span.';
comment on column main.composition_changes.second_end is 'Last day of it.';
comment on column main.composition_changes.grouping is 'field, or venue.';
comment on column main.composition_changes.state is 'Exactly one per repository, as in sampled_paper_code: pytorch or tensorflow (without the other of the two), both, jax, other, none. Their shares sum to one.';
comment on column main.composition_changes.part is 'change: the whole; mix: groups weigh more or less at unchanged shares within them; within: shares within groups differ at an unchanged mix; not comparable: groups with fewer than five repositories with code in either span.';
comment on column main.composition_changes.first_n is 'Sampled repositories in that state, earlier span.';
comment on column main.composition_changes.first_base is 'Sampled repositories with code, earlier span.';
comment on column main.composition_changes.second_n is 'Sampled repositories in that state, later span.';
comment on column main.composition_changes.second_base is 'Sampled repositories with code, later span.';
comment on column main.composition_changes.first_share is 'Share of the state in all code of the earlier span, 0 to 1, weighted as in paper_code_shares.';
comment on column main.composition_changes.second_share is 'The same of the later span.';
comment on column main.composition_changes.points is 'The part, as a difference of shares, -1 to 1.';
comment on column main.composition_changes.groups_count is 'Fields or venues that are compared.';
comment on column main.composition_changes.small_groups_count is 'Fields or venues that are too small in a span to be compared.';
comment on column main.composition_changes.standard_error is 'Standard error of points, against a bootstrap up to a fifth too small where venues of few repositories are compared; null where interval_method says why.';
comment on column main.composition_changes.interval_low is 'Lower end of the 95 % interval of points; null where interval_method says why.';
comment on column main.composition_changes.interval_high is 'Upper end of it.';
comment on column main.composition_changes.interval_method is 'How the interval was made, or why there is none.';
comment on column main.composition_changes.as_of is 'Day of the draw.';
