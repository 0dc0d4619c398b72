-- Grain: one row per series, population, period and framework.
create or replace view main.adoption as
select
    series_id, population, period_start, period_end, framework, measure, n, base, share, interval_low, interval_high,
    interval_method, bound_low, bound_high, wording_id, break_id, as_of, source_id, ruleset_id, is_preliminary,
    effective_base
from metric.figures
where is_newest and figure_fault(period_start, period_end, n, base) is null;

comment on view main.adoption is 'How much each framework is used, one figure per series, population, period and framework. A missing period is missing, never zero.';
comment on column main.adoption.series_id is 'What is counted; see the view series for its title, unit, known bias and licence.';
comment on column main.adoption.population is 'Of whom or what: a venue, a group of respondents, a repository, all clients.';
comment on column main.adoption.period_start is 'First day of the period.';
comment on column main.adoption.period_end is 'Last day of the period; the same as the first for a figure of one day.';
comment on column main.adoption.framework is 'Framework or state; see the view frameworks.';
comment on column main.adoption.measure is 'What n counts: mention, use, stars, downloads, respondents, models, entries, availability, questions, repositories, developers, posts, opinion or tags.';
comment on column main.adoption.n is 'The count; null where only a percentage was published.';
comment on column main.adoption.base is 'The denominator of share; null where no honest one exists (stars, downloads).';
comment on column main.adoption.share is 'n as a fraction of base, 0 to 1. Where a subject may have several frameworks the shares of a period can add to more than one.';
comment on column main.adoption.interval_low is 'Lower end of the 95 % interval of share; null where interval_method says why.';
comment on column main.adoption.interval_high is 'Upper end of the 95 % interval of share; null where interval_method says why.';
comment on column main.adoption.interval_method is 'How the interval was made, or why there is none.';
comment on column main.adoption.bound_low is 'Least share there can be if every subject that says nothing used something else; null where nothing is silent or the number of the silent is unknown.';
comment on column main.adoption.bound_high is 'Greatest share there can be if every subject that says nothing used this framework.';
comment on column main.adoption.wording_id is 'The survey question; figures of different wordings do not compare. Null outside surveys.';
comment on column main.adoption.break_id is 'The segment of the series; a line may join only figures of one segment. See series_breaks.';
comment on column main.adoption.as_of is 'The day on which the figure was seen or published as it stands here.';
comment on column main.adoption.source_id is 'Where the figure comes from; see source_health.';
comment on column main.adoption.ruleset_id is 'The list of words or rules the frameworks were recognised with; null where nothing had to be recognised.';
comment on column main.adoption.is_preliminary is 'True where the publisher has announced or is known to revise the figure.';
comment on column main.adoption.effective_base is 'Where share is weighted (strata drawn at different rates): the base of an unweighted sample of the same precision, for which the interval is; null elsewhere. share is then not n / base.';
