-- Grain: one row per repository.
-- The newest month that is not drawn far enough, or that a repository joined below what was drawn.
create or replace view main.paper_code_next as
select frame.month_start, frame.repository, frame.inclusion_fraction
from main.paper_code_frame frame
join main.paper_code_months month on month.month_start = frame.month_start
where not frame.is_drawn and (not month.is_enough or frame.inclusion_fraction < month.drawn_until)
qualify frame.month_start = max(frame.month_start) over ();

comment on view main.paper_code_next is 'Repositories of the newest papers whose code is to be drawn and read next, by inclusion_fraction, until their month is known well enough.';
comment on column main.paper_code_next.month_start is 'First day of the month of the papers: the newest that is not drawn far enough.';
comment on column main.paper_code_next.repository is 'owner/name in lower case.';
comment on column main.paper_code_next.inclusion_fraction is 'Its place in the random order; the least comes first.';
