-- Grain: one row per month of first submission and framework.
-- A paper naming two frameworks counts in both; its base is every paper of the same subject classes in that month.
create or replace view metric.papers_arxiv_mentions as
with month as (
    select source_id, replace(subject, ' ', ', ') as population, period_start, period_end, items_count as base, observed_on
    from core.period_count
    where source_id = 'arxiv' and measure = 'papers' and framework is null
    qualify row_number() over (partition by subject, period_start, period_end order by observed_on desc) = 1
)
select
    'papers.arxiv_mentions' as series_id, population, period_start, period_end, named.framework,
    'mention' as measure, named.n, month.base,
    -- A paper may use a framework without a word of it in its title, abstract or comment.
    named.n / month.base as bound_low, 1 as bound_high, month.observed_on as as_of, month.source_id, named.ruleset_id,
    period_end + 45 > month.observed_on as is_preliminary
from metric.papers_naming named
join month using (population, period_start, period_end)
-- arXiv is asked by name, and not for every name in every month: none found is not nought.
where named.series_id = 'papers.arxiv_mentions' and named.n > 0 and month.base >= named.n;

comment on view metric.papers_arxiv_mentions is 'Papers on arXiv whose title, abstract or comment names a framework, by the month of their first version.';
comment on column metric.papers_arxiv_mentions.population is 'The subject classes; a paper counts if one of its classes, primary or not, is among them.';
comment on column metric.papers_arxiv_mentions.n is 'Papers that name it. A framework that no paper of a month names has no row.';
comment on column metric.papers_arxiv_mentions.base is 'All papers of the classes in that month, as the service announced it last. Mentions in abstracts are far below use.';
comment on column metric.papers_arxiv_mentions.bound_low is 'The share itself: use is at least this, but for false mentions.';
comment on column metric.papers_arxiv_mentions.bound_high is '1: what abstracts leave out is unknown, and every silent paper may use it.';
comment on column metric.papers_arxiv_mentions.as_of is 'Day on which the base was counted.';
comment on column metric.papers_arxiv_mentions.is_preliminary is 'True until 45 days after the month: papers on hold are listed late.';
