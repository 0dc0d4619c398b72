-- Grain: one row per month of the papers' identifiers and framework.
-- A random sample of papers on arXiv, each with a label whatever its text names.
create or replace view metric.papers_full_text_mentions as
with named as (
    select
        source_id, ruleset_id, framework, paper_id, seen_at,
        -- arxiv:2611.01234 is of November 2026.
        strptime('20' || substr(paper_id, 7, 4) || '01', '%Y%m%d')::date as month_start
    from core.paper_label
    where source_id = 'arxiv_full_text' and tier = 'mention'
),
base as (
    select month_start, ruleset_id, count(distinct paper_id) as base, max(seen_at)::date as as_of
    from named
    group by month_start, ruleset_id
    -- Where the rules changed within a month, those count under which most were read.
    qualify row_number() over (partition by month_start order by base desc, ruleset_id) = 1
)
select
    'papers.full_text_mentions' as series_id, 'papers of cs.LG, cs.CV and cs.CL' as population,
    named.month_start as period_start, last_day(named.month_start) as period_end, named.framework, 'mention' as measure,
    count(distinct named.paper_id) as n, base.base, n / base.base as bound_low, 1 as bound_high, base.as_of,
    named.source_id, named.ruleset_id,
    -- Papers of a month are drawn until the next one ends.
    base.as_of < last_day(last_day(named.month_start) + 1) as is_preliminary
from named
join base using (month_start, ruleset_id)
where named.framework <> 'none'
group by named.month_start, named.framework, named.source_id, named.ruleset_id, base.base, base.as_of;

comment on view metric.papers_full_text_mentions is 'Papers on arXiv whose text names a framework as used, by month: of a random sample that is read in full, one night after the other.';
comment on column metric.papers_full_text_mentions.population is 'The subject classes; a paper counts if one of its classes, primary or not, is among them.';
comment on column metric.papers_full_text_mentions.period_start is 'First day of the month in which arXiv gave the paper its number.';
comment on column metric.papers_full_text_mentions.n is 'Papers that name it as used; one that names several counts for each. A framework that no paper of a month names has no row.';
comment on column metric.papers_full_text_mentions.base is 'Drawn papers of the month that could be read under the same rules. What could not be read is in neither; see rejects.';
comment on column metric.papers_full_text_mentions.bound_low is 'The share itself: use is at least this, but for false mentions.';
comment on column metric.papers_full_text_mentions.bound_high is '1: a paper that names nothing may use anything.';
comment on column metric.papers_full_text_mentions.as_of is 'Day on which the newest paper of the month was read.';
comment on column metric.papers_full_text_mentions.is_preliminary is 'True until the last day of the month after it: so long its papers are drawn.';
