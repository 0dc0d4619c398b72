-- Papers on arXiv of one source by the month of their identifier: how many name each framework (n) of those that were
-- read (base); months from `first_month` on (yymm). Each paper has a label whatever it names.
create or replace macro papers_naming_by_month(of_source, first_month) as table
with named as (
    select
        source_id, ruleset_id, framework, paper_id, seen_at,
        -- arxiv:2611.01234 is of November 2026.
        strptime('20' || substr(paper_id, 7, 4) || '01', '%Y%m%d')::date as month_start
    from core.paper_label
    where source_id = of_source and tier = 'mention'
      and regexp_matches(paper_id, '^arxiv:[0-9]{2}(0[1-9]|1[0-2])[.]') and substr(paper_id, 7, 4) >= first_month
),
read as (
    select month_start, ruleset_id, count(distinct paper_id) as base, max(seen_at)::date as as_of
    from named
    group by month_start, ruleset_id
    -- Where the rules changed within a month, those count under which most were read.
    qualify row_number() over (partition by month_start order by base desc, ruleset_id) = 1
)
select
    named.month_start as period_start, last_day(named.month_start) as period_end, named.framework,
    count(distinct named.paper_id) as n, read.base, n / read.base as named_fraction, read.as_of, named.source_id,
    named.ruleset_id
from named
join read using (month_start, ruleset_id)
where named.framework <> 'none'
group by named.month_start, named.framework, named.source_id, named.ruleset_id, read.base, read.as_of;
