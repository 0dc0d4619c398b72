-- Grain: one row per month of the papers' identifiers and framework.
-- Every paper that readers handed in, with the frameworks that the detector read in its title and abstract.
create or replace view metric.papers_hub_daily_mentions as
with named as (
    select
        source_id, ruleset_id, framework, paper_id, seen_at,
        -- arxiv:2611.01234 is of November 2026.
        strptime('20' || substr(paper_id, 7, 4) || '01', '%Y%m%d')::date as month_start
    from core.paper_label
    where source_id = 'hub_daily_papers' and tier = 'mention'
      -- The list began in May 2023: of older papers a few were handed in, years after their month.
      and regexp_matches(paper_id, '^arxiv:[0-9]{2}(0[1-9]|1[0-2])[.]') and substr(paper_id, 7, 4) >= '2305'
),
base as (
    select month_start, ruleset_id, count(distinct paper_id) as base, max(seen_at)::date as as_of
    from named
    group by month_start, ruleset_id
    -- While papers are read anew under changed rules, the rules count under which most were read.
    qualify row_number() over (partition by month_start order by base desc, ruleset_id) = 1
)
select
    'papers.hub_daily_mentions' as series_id, 'daily papers, titles and abstracts' as population,
    named.month_start as period_start, last_day(named.month_start) as period_end, named.framework, 'mention' as measure,
    count(distinct named.paper_id) as n, base.base, n / base.base as bound_low, 1 as bound_high, base.as_of,
    named.source_id, named.ruleset_id,
    -- Papers are handed in within weeks.
    base.as_of <= last_day(named.month_start) + 31 as is_preliminary
from named
join base using (month_start, ruleset_id)
where named.framework <> 'none'
group by named.month_start, named.framework, named.source_id, named.ruleset_id, base.base, base.as_of;

comment on view metric.papers_hub_daily_mentions is 'Papers on arXiv that readers of Hugging Face handed in as daily papers and whose title or abstract names a framework as used, by month.';
comment on column metric.papers_hub_daily_mentions.period_start is 'First day of the month in which arXiv gave the paper its number.';
comment on column metric.papers_hub_daily_mentions.n is 'Papers that name it as used; one that names several counts for each. A framework that no paper of a month names has no row.';
comment on column metric.papers_hub_daily_mentions.base is 'Papers of the month that were handed in and read under the same rules.';
comment on column metric.papers_hub_daily_mentions.bound_low is 'The share itself: use is at least this, but for false mentions.';
comment on column metric.papers_hub_daily_mentions.bound_high is '1: what titles and abstracts leave out is unknown.';
comment on column metric.papers_hub_daily_mentions.as_of is 'Day on which the newest paper of the month was seen.';
comment on column metric.papers_hub_daily_mentions.is_preliminary is 'True until a month after it: so long its papers are handed in.';
