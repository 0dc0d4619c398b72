-- Grain: one row per series, population, period, framework and published version of the figure.
create or replace view main.adoption_vintages as
select
    series_id, population, period_start, period_end, framework, measure, n, base, share, interval_low, interval_high,
    interval_method, bound_low, bound_high, wording_id, break_id, as_of, source_id, ruleset_id, is_preliminary,
    effective_base, vintage_at, vintage_id, paper_scope
from metric.figures
where vintage_at is not null;

create or replace macro adoption_as_published(on_date) as table
select
    series_id, population, period_start, period_end, framework, measure, n, base, share, interval_low, interval_high,
    interval_method, bound_low, bound_high, wording_id, break_id, as_of, source_id, ruleset_id, is_preliminary,
    effective_base, vintage_at, vintage_id, paper_scope
from main.adoption_vintages
where vintage_at < cast(on_date as date) + interval 1 day
-- A source republishes its table as a whole: what the table of that day no longer held was no longer published.
qualify vintage_at = max(vintage_at) over (partition by series_id, source_id);

comment on macro table adoption_as_published is 'The rows of adoption_vintages that were public at the end of a day (UTC), e.g. from adoption_as_published(date ''2019-10-10'').';

comment on view main.adoption_vintages is 'Figures of adoption in every version their publisher put out: what stood there, and when. Only series whose publisher keeps its old versions.';
comment on column main.adoption_vintages.series_id is 'What is counted; see the view series.';
comment on column main.adoption_vintages.population is 'The venue.';
comment on column main.adoption_vintages.period_start is 'First day of the edition''s year.';
comment on column main.adoption_vintages.period_end is 'Last day of the edition''s year.';
comment on column main.adoption_vintages.framework is 'Either of the two that two_way compares.';
comment on column main.adoption_vintages.measure is 'Always mention: the text names the framework.';
comment on column main.adoption_vintages.n is 'Papers whose text names this framework and not the other of the two.';
comment on column main.adoption_vintages.base is 'Papers whose text names exactly one of the two; null where the other''s count is missing.';
comment on column main.adoption_vintages.share is 'n / base; null where nobody names exactly one.';
comment on column main.adoption_vintages.interval_low is 'Lower end of the 95 % Wilson interval of share.';
comment on column main.adoption_vintages.interval_high is 'Upper end of the 95 % Wilson interval of share.';
comment on column main.adoption_vintages.interval_method is 'How the interval was made, or why there is none.';
comment on column main.adoption_vintages.bound_low is 'n over all papers: the share if every paper that does not name exactly one used the other. Null where the version gave no total.';
comment on column main.adoption_vintages.bound_high is 'One less the other''s papers over all papers: the share if every paper that does not name exactly one used this one. Null where the version gave no total.';
comment on column main.adoption_vintages.wording_id is 'Always null: no survey.';
comment on column main.adoption_vintages.break_id is 'The segment of the series, decided by venue and year; see paper_scope for versions that counted submissions earlier.';
comment on column main.adoption_vintages.as_of is 'The day (UTC) on which this version was published.';
comment on column main.adoption_vintages.source_id is 'Where the figure comes from.';
comment on column main.adoption_vintages.ruleset_id is 'The publisher''s rules in force: synonyms and which papers were left out.';
comment on column main.adoption_vintages.is_preliminary is 'Always false: later versions stand in rows of their own.';
comment on column main.adoption_vintages.vintage_at is 'When this version was published, UTC.';
comment on column main.adoption_vintages.vintage_id is 'The published version, a commit.';
comment on column main.adoption_vintages.paper_scope is 'accepted, or submissions where this version counted everything that was submitted.';
comment on column main.adoption_vintages.effective_base is 'Always null: nothing is weighted.';
