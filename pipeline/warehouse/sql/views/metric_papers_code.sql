-- Grain: one row per series, population, period and framework.
-- Pooled years are the populations all, vision, language and other; single years and the exclusive states stand apart.
create or replace view metric.papers_code as
select
    series_id,
    case when form = 'alone' then population || ', alone' when is_pooled then population
        else population || ', single years' end as population,
    period_start, period_end, framework, 'use' as measure, n, base, share,
    case when is_pooled then effective_base end as effective_base,
    bound_low, bound_high, as_of, source_id, series_id || '-2026-11' as ruleset_id
from main.paper_code_shares
where is_pooled or form <> 'alone';

comment on view metric.papers_code is 'What the code of papers is written in, imports and declares: a random sample of the links of each year, read.';
comment on column metric.papers_code.population is 'all, vision, language, other: spans of years, a framework counted alone or with another. With `, alone`: every repository in one state. With `, single years`: one year each.';
comment on column metric.papers_code.n is 'Sampled repositories with the framework.';
comment on column metric.papers_code.base is 'Sampled repositories that hold code.';
comment on column metric.papers_code.share is 'The share in the span, each repository weighted by the links of its year for each one drawn; n / base for a single year.';
comment on column metric.papers_code.ruleset_id is 'The reading: a script of its own whose differences to this project''s scanner were looked at one by one.';
