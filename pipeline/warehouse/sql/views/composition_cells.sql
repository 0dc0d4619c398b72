-- Grain: one row per series of paper code, pair of spans, grouping, group and state of the code.
-- Kitagawa (1955), with the mean of both spans as standard: of the change of a state's share, the mix part is what a
-- changed mix of groups (fields or venues) gives at unchanged shares within them, the within part what changed shares
-- within them give at an unchanged mix. A group with fewer than five repositories with code in either span gives
-- neither: it goes to a part of its own. Shares are taken from the mean of both spans (standard), so that a group that
-- merely grows adds only what it has above or below the rest.
create or replace view main.composition_cells as
with span(span_start, span_end) as (
    values (date '2019-01-01', date '2021-12-31'), (date '2022-01-01', date '2023-12-31'),
        (date '2024-01-01', date '2025-12-31')
),
listed as (
    select source_id, edition_year, sum(entries_count) as frame_count from core.sampling_frame group by all
),
drawn as (
    select
        source_id, series_id, edition_year, position, venue, outcome, state, as_of,
        count(*) over (partition by source_id, series_id, edition_year) as drawn_count
    from main.sampled_paper_code
    where population = 'all'
),
coded as (
    select
        drawn.source_id, drawn.series_id, span.span_start, span.span_end, drawn.state, drawn.as_of,
        listed.frame_count / drawn.drawn_count as weight,
        unnest([{'grouping': 'field', 'group_name': frame.research_field}, {'grouping': 'venue', 'group_name': drawn.venue}],
            recursive := true)
    from drawn
    join listed on listed.source_id = drawn.source_id and listed.edition_year = drawn.edition_year
    join core.sampling_frame frame
      on frame.source_id = drawn.source_id and frame.edition_year = drawn.edition_year and frame.venue = drawn.venue
    join span on drawn.edition_year between year(span.span_start) and year(span.span_end)
    where drawn.outcome = 'with code'
),
found as (
    select
        source_id, series_id, span_start, span_end, grouping, group_name, state, count(*) as n,
        round(sum(weight), 9) as weight, max(as_of) as as_of
    from coded
    group by all
),
asked as (
    select
        groups.source_id, groups.series_id, groups.grouping, groups.group_name, states.state, earlier.span_start as first_start,
        earlier.span_end as first_end, later.span_start as second_start, later.span_end as second_end
    from (select distinct source_id, series_id, grouping, group_name from found) groups
    cross join (
        select unnest([compared_frameworks()[1], compared_frameworks()[2], 'both', 'jax', 'other', 'none']) as state
    ) states
    join span earlier on true
    join span later on later.span_start = earlier.span_end + 1
),
counted as (
    select
        asked.source_id, asked.series_id, asked.grouping, asked.group_name, asked.state, asked.first_start,
        asked.first_end, asked.second_start, asked.second_end,
        coalesce(sum(found.n) filter (where found.span_start = first_start), 0)::bigint as first_base,
        coalesce(sum(found.n) filter (where found.span_start = second_start), 0)::bigint as second_base,
        coalesce(sum(found.n) filter (where found.span_start = first_start and found.state = asked.state), 0)::bigint
            as first_n,
        coalesce(sum(found.n) filter (where found.span_start = second_start and found.state = asked.state), 0)::bigint
            as second_n,
        round(coalesce(sum(found.weight) filter (where found.span_start = first_start), 0), 9) as first_size,
        round(coalesce(sum(found.weight) filter (where found.span_start = second_start), 0), 9) as second_size,
        round(coalesce(sum(found.weight) filter (where found.span_start = first_start and found.state = asked.state), 0), 9)
            as first_hits,
        round(coalesce(sum(found.weight) filter (where found.span_start = second_start and found.state = asked.state), 0), 9)
            as second_hits,
        max(found.as_of) as as_of
    from asked
    join found
      on found.source_id = asked.source_id and found.series_id = asked.series_id and found.grouping = asked.grouping
     and found.group_name = asked.group_name and found.span_start in (first_start, second_start)
    group by all
),
shared as (
    select
        source_id, series_id, grouping, group_name, state, first_start, first_end, second_start, second_end, first_base,
        second_base, first_n, second_n, as_of,
        first_size / nullif(sum(first_size) over whole, 0) as first_weight,
        second_size / nullif(sum(second_size) over whole, 0) as second_weight,
        first_hits / nullif(first_size, 0) as first_share,
        second_hits / nullif(second_size, 0) as second_share,
        (sum(first_hits) over whole / nullif(sum(first_size) over whole, 0)
            + sum(second_hits) over whole / nullif(sum(second_size) over whole, 0)) / 2 as standard,
        least(first_base, second_base) >= 5 as is_comparable
    from counted
    window whole as (partition by source_id, series_id, grouping, first_start, state order by group_name
        rows between unbounded preceding and unbounded following)
)
select
    source_id,
    series_id,
    first_start,
    first_end,
    second_start,
    second_end,
    grouping,
    group_name,
    state,
    first_n,
    first_base,
    second_n,
    second_base,
    first_weight,
    second_weight,
    first_share,
    second_share,
    standard,
    is_comparable,
    if(is_comparable, (second_weight - first_weight) * ((first_share + second_share) / 2 - standard), 0) as mix_part,
    if(is_comparable, (second_share - first_share) * (first_weight + second_weight) / 2, 0) as within_part,
    if(is_comparable, 0,
        second_weight * coalesce(second_share - standard, 0) - first_weight * coalesce(first_share - standard, 0)
    ) as uncompared_part,
    as_of
from shared
where first_weight is not null and second_weight is not null;

comment on view main.composition_cells is 'Fields and venues of the sampled papers'' code in two spans of years: how much of the list each is, what its code is written in, and what it adds to the change of each share. composition_changes has the sums.';
comment on column main.composition_cells.source_id is 'Where the sample comes from.';
comment on column main.composition_cells.series_id is 'By what the code is written in, imports or declares.';
comment on column main.composition_cells.first_start is 'First day of the earlier span.';
comment on column main.composition_cells.first_end is 'Last day of it.';
comment on column main.composition_cells.second_start is 'First day of the later span.';
comment on column main.composition_cells.second_end is 'Last day of it.';
comment on column main.composition_cells.grouping is 'field, or venue.';
comment on column main.composition_cells.group_name is 'The field or the venue.';
comment on column main.composition_cells.state is 'Exactly one per repository, as in sampled_paper_code: pytorch or tensorflow (without the other of the two), both, jax, other, none. Their shares sum to one.';
comment on column main.composition_cells.first_n is 'Sampled repositories of the group in that state, earlier span.';
comment on column main.composition_cells.first_base is 'Sampled repositories of the group with code, earlier span.';
comment on column main.composition_cells.second_n is 'Sampled repositories of the group in that state, later span.';
comment on column main.composition_cells.second_base is 'Sampled repositories of the group with code, later span.';
comment on column main.composition_cells.first_weight is 'Part of the group in all code of the earlier span, 0 to 1; each year weighs as many links as its list holds.';
comment on column main.composition_cells.second_weight is 'The same of the later span.';
comment on column main.composition_cells.first_share is 'Share of the state within the group, earlier span; null where the group has no code there.';
comment on column main.composition_cells.second_share is 'The same of the later span.';
comment on column main.composition_cells.standard is 'Mean of the state''s shares of all groups in both spans.';
comment on column main.composition_cells.is_comparable is 'Whether the group has five or more repositories with code in both spans; else its cells are too small to be split.';
comment on column main.composition_cells.mix_part is 'What its changed weight adds to the change; 0 where it is not comparable.';
comment on column main.composition_cells.within_part is 'What the changed share within it adds; 0 where it is not comparable.';
comment on column main.composition_cells.uncompared_part is 'What it adds where it is not comparable, else 0.';
comment on column main.composition_cells.as_of is 'Day of the draw.';
