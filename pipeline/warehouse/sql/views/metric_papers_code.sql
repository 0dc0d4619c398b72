-- Grain: one row per series, population, period and framework.
-- Pooled years are the populations all, vision, language and other; single years and the exclusive states stand apart.
-- What is drawn live from the newest papers is another frame under other rules, and so a population of its own.
create or replace view metric.papers_code as
with found as (
    select
        drawn.series_id, drawn.month_start, drawn.repository, drawn.outcome, drawn.is_undecided, drawn.ruleset_id,
        drawn.as_of, drawn.source_id, not month.is_enough as is_preliminary,
        list_distinct(list_concat(drawn.frameworks, drawn.families, if(
            drawn.outcome = 'with code' and len(drawn.families) = 0 and not drawn.is_undecided, ['none'], []
        ))) as frameworks
    from main.drawn_paper_code drawn
    join main.paper_code_months month on month.month_start = drawn.month_start
),
-- What is found in any month is nought in a month where it is not.
looked_for as (
    select series_id, unnest(frameworks) as framework from found
    union
    select series_id, unnest([compared_frameworks()[1], compared_frameworks()[2], 'jax', 'none']) from found
)
select
    series_id,
    case when form = 'alone' then population || ', alone' when is_pooled then population
        else population || ', single years' end as population,
    period_start, period_end, framework, 'use' as measure, n, base, share,
    case when is_pooled then effective_base end as effective_base,
    bound_low, bound_high, as_of, source_id, series_id || '-2026-11' as ruleset_id
from main.paper_code_shares
where is_pooled or form <> 'alone'
union all by name
select
    found.series_id, 'arXiv, by month' as population, month_start as period_start, last_day(month_start) as period_end,
    looked_for.framework, 'use' as measure,
    count(*) filter (where list_contains(found.frameworks, looked_for.framework)) as n,
    count(*) filter (where outcome = 'with code') as base,
    n / (base + count(*) filter (where outcome = 'not obtained')) as bound_low,
    (n + count(*) filter (where outcome = 'not obtained' or is_undecided))
        / (base + count(*) filter (where outcome = 'not obtained')) as bound_high,
    max(as_of) as as_of, source_id, max(ruleset_id) as ruleset_id, bool_or(is_preliminary) as is_preliminary
from found
join looked_for on looked_for.series_id = found.series_id
group by found.series_id, month_start, looked_for.framework, source_id
having base > 0;

comment on view metric.papers_code is 'What the code of papers is written in, imports and declares: a random sample of the links of each year, read.';
comment on column metric.papers_code.population is 'all, vision, language, other: spans of years, a framework counted alone or with another. With `, alone`: every repository in one state. With `, single years`: one year each. arXiv, by month: code that the newest papers on arXiv link to.';
comment on column metric.papers_code.is_preliminary is 'True for a month of the live sample that is still being drawn.';
comment on column metric.papers_code.n is 'Sampled repositories with the framework.';
comment on column metric.papers_code.base is 'Sampled repositories that hold code.';
comment on column metric.papers_code.share is 'The share in the span, each repository weighted by the links of its year for each one drawn; n / base for a single year.';
comment on column metric.papers_code.ruleset_id is 'The reading: a script of its own whose differences to this project''s scanner were looked at one by one.';
