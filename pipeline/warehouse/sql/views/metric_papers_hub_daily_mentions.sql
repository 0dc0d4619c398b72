-- Grain: one row per month of the papers' identifiers and framework.
-- Every paper that readers handed in, with the frameworks that the detector read in its title and abstract.
create or replace view metric.papers_hub_daily_mentions as
select
    series_id, population, period_start, period_end, framework, 'mention' as measure, n, base,
    named_fraction as bound_low, 1 as bound_high, as_of, source_id, ruleset_id,
    as_of <= period_end + 31 as is_preliminary  -- papers are handed in within weeks
from metric.papers_naming where series_id = 'papers.hub_daily_mentions';

comment on view metric.papers_hub_daily_mentions is 'Papers on arXiv that readers of Hugging Face handed in as daily papers and whose title or abstract names a framework as used, by month.';
comment on column metric.papers_hub_daily_mentions.period_start is 'First day of the month in which arXiv gave the paper its number.';
comment on column metric.papers_hub_daily_mentions.n is 'Papers that name it as used; one that names several counts for each. 0 where none of the month does.';
comment on column metric.papers_hub_daily_mentions.base is 'Papers of the month that were handed in and read under the same rules.';
comment on column metric.papers_hub_daily_mentions.bound_low is 'The share itself: use is at least this, but for false mentions.';
comment on column metric.papers_hub_daily_mentions.bound_high is '1: what titles and abstracts leave out is unknown.';
comment on column metric.papers_hub_daily_mentions.as_of is 'Day on which the newest paper of the month was seen.';
comment on column metric.papers_hub_daily_mentions.is_preliminary is 'True until a month after it: so long its papers are handed in.';
