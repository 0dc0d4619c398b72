-- Grain: one row per month that the frame of paper code holds.
-- A month is drawn until 60 repositories name one of the compared frameworks as their own and the share of the first
-- among the two is known to 5 points either way.
create or replace view main.paper_code_months as
with own as (
    select
        month_start, inclusion_fraction, outcome,
        list_contains(families, compared_frameworks()[1]) as is_first,
        list_contains(families, compared_frameworks()[2]) as is_second
    from main.drawn_paper_code
    where series_id = 'papers.code_own_framework'
),
drawn as (
    select
        month_start, count(*) as drawn_count, count(*) filter (where outcome = 'with code') as code_count,
        count(*) filter (where is_first or is_second) as named_count, count(*) filter (where is_first) as first_count,
        first_count + count(*) filter (where is_second) as both_sides_count,
        max(inclusion_fraction) as drawn_until
    from own
    group by month_start
),
frame as (
    select month_start, count(*) as frame_count
    from main.paper_code_frame
    group by month_start
)
select
    frame.month_start,
    frame.frame_count,
    coalesce(drawn.drawn_count, 0) as drawn_count,
    coalesce(drawn.drawn_count, 0) / frame.frame_count as sampling_fraction,
    coalesce(drawn.code_count, 0) as code_count,
    coalesce(drawn.named_count, 0) as named_count,
    (wilson_high(drawn.first_count, drawn.both_sides_count) - wilson_low(drawn.first_count, drawn.both_sides_count)) / 2
        as half_width,
    coalesce(drawn.drawn_until, 0) as drawn_until,
    coalesce(drawn.named_count >= 60 and half_width < 0.05, false) as is_enough
from frame
left join drawn on drawn.month_start = frame.month_start;

comment on view main.paper_code_months is 'How far each month of the live sample of paper code has come.';
comment on column main.paper_code_months.month_start is 'First day of the month of the papers.';
comment on column main.paper_code_months.frame_count is 'Repositories that collected papers of the month link to.';
comment on column main.paper_code_months.drawn_count is 'Of these, those that were drawn, whatever came of them.';
comment on column main.paper_code_months.sampling_fraction is 'drawn_count / frame_count: the probability with which each repository of the month came into the sample.';
comment on column main.paper_code_months.code_count is 'Drawn repositories that hold code.';
comment on column main.paper_code_months.named_count is 'Of these, those written in one of the two compared frameworks or in both.';
comment on column main.paper_code_months.half_width is 'Half the width of the 95 % Wilson interval of the first framework''s part of the two together, 0 to 1; null without any.';
comment on column main.paper_code_months.drawn_until is 'The greatest inclusion_fraction that was drawn; a repository that joins the month below it is drawn too.';
comment on column main.paper_code_months.is_enough is 'Whether the month is drawn far enough: 60 that name one of the two, and a half width below 0.05.';
