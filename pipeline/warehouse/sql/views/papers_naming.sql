-- Grain: one row per series of mentions that this project reads itself, population, period, rules and framework.
-- How many papers name it (n) of those that were read (base). Each paper that was read has a row whatever it names.
create or replace view metric.papers_naming as
select
    series_id, population, period_start, period_end, framework, count(*) as n, base, count(*) / base as named_fraction,
    newest_on as as_of, source_id, ruleset_id
from (
    select
        series_id, population, period_start, period_end, framework, source_id, ruleset_id,
        count(distinct paper_id) over period as base, max(as_of) over period as newest_on
    from main.paper_mentions
    window period as (partition by series_id, population, period_start, period_end, ruleset_id)
) paper
where framework <> 'none'
group by series_id, population, period_start, period_end, framework, base, newest_on, source_id, ruleset_id;
