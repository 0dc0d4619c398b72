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

comment on view metric.papers_naming is 'How many papers name each framework as used, of those that were read: the counts behind the series of mentions that this project reads itself.';
comment on column metric.papers_naming.n is 'Papers that name it; one that names several counts for each.';
comment on column metric.papers_naming.base is 'Papers of the population and period that were read under the same rules.';
comment on column metric.papers_naming.named_fraction is 'The part of these that name it, 0 to 1.';
comment on column metric.papers_naming.as_of is 'Day on which the newest of them was read.';
