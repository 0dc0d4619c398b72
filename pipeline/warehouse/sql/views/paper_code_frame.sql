-- Grain: one row per month and repository.
-- The order of the draw is that of SHA-256 of a seed and the repository's name, so that a frame that grows keeps it: a
-- repository is drawn wherever at least its inclusion_fraction of a month is. Papers that arXiv was asked for by the
-- name of a framework are left out, since they were chosen by what is to be found; so are those that the hub's readers
-- chose, which would make the frame another one; so are links to a framework itself.
create or replace view main.paper_code_frame as
with linked as (
    select
        date_trunc('month', paper.submitted_on)::date as month_start, link.repository,
        count(distinct link.paper_id) as papers_count
    from core.paper_repository link
    join core.paper paper on paper.source_id = link.source_id and paper.paper_id = link.paper_id
    where link.forge = 'github.com' and link.source_id not in ('arxiv', 'hub_daily_papers') and paper.submitted_on is not null
      and link.repository not in (select lower(repository) from ref.framework_repository)
    group by all
)
select
    linked.month_start,
    linked.repository,
    linked.papers_count,
    -- The first 52 bits of the hash, as a part of one.
    ('0x' || left(sha256('20261126 ' || linked.repository), 13))::bigint / pow(2, 52) as inclusion_fraction,
    drawn.repository is not null as is_drawn
from linked
left join core.drawn_repository drawn
  on drawn.month_start = linked.month_start and drawn.repository = linked.repository;

comment on view main.paper_code_frame is 'Every repository on GitHub that collected papers of a month link to, whatever they are written in, in the random order in which their code is drawn and read.';
comment on column main.paper_code_frame.month_start is 'First day of the month in which the paper was first submitted.';
comment on column main.paper_code_frame.repository is 'owner/name in lower case, as the paper writes it.';
comment on column main.paper_code_frame.papers_count is 'Papers of the month that link to it.';
comment on column main.paper_code_frame.inclusion_fraction is 'Its place in the random order, 0 to 1: it is drawn wherever at least this part of the month''s repositories is.';
comment on column main.paper_code_frame.is_drawn is 'Whether it was drawn already; what became of it stands in drawn_paper_code.';
