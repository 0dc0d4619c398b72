-- Grain: one row per series of mentions that this project reads itself, population, period, rules and framework.
-- How many papers name it (n) of those that were read (base). Each paper that was read has a row whatever it names, so
-- that a framework which none of a period names is named by nought of them: without that row only those periods would
-- be compared in which the rarer one happens to be named.
create or replace view metric.papers_naming as
with mention as materialized (
    select series_id, population, period_start, period_end, paper_id, framework, ruleset_id, source_id, as_of
    from main.paper_mentions
),
period as (
    select
        series_id, population, period_start, period_end, ruleset_id, source_id, count(distinct paper_id) as base,
        max(as_of) as as_of
    from mention
    group by all
),
named as (
    select series_id, population, period_start, period_end, ruleset_id, framework, count(*) as n
    from mention
    where framework <> 'none'
    group by all
),
-- What was found in any period under the same rules is nought in a period where it was not.
looked_for as (
    select series_id, population, ruleset_id, framework from named
    union
    select series_id, population, ruleset_id, unnest(compared_frameworks()) from period
)
select
    period.series_id, period.population, period.period_start, period.period_end, looked_for.framework,
    coalesce(named.n, 0) as n, period.base, coalesce(named.n, 0) / period.base as named_fraction, period.as_of,
    period.source_id, period.ruleset_id
from period
join looked_for using (series_id, population, ruleset_id)
left join named using (series_id, population, period_start, period_end, ruleset_id, framework);

comment on view metric.papers_naming is 'How many papers name each framework as used, of those that were read: the counts behind the series of mentions that this project reads itself.';
comment on column metric.papers_naming.n is 'Papers that name it; one that names several counts for each. 0 where none of the period does.';
comment on column metric.papers_naming.base is 'Papers of the population and period that were read under the same rules.';
comment on column metric.papers_naming.named_fraction is 'The part of these that name it, 0 to 1.';
comment on column metric.papers_naming.as_of is 'Day on which the newest of them was read.';
