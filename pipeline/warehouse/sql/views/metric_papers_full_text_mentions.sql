-- Grain: one row per month of the papers' identifiers and framework.
-- A random sample of papers on arXiv, each with a label whatever its text names.
create or replace view metric.papers_full_text_mentions as
select
    series_id, population, period_start, period_end, framework, 'mention' as measure, n, base,
    named_fraction as bound_low, 1 as bound_high, as_of, source_id, ruleset_id,
    as_of < last_day(period_end + 1) as is_preliminary  -- papers of a month are drawn until the next one ends
from metric.papers_naming where series_id = 'papers.full_text_mentions';

comment on view metric.papers_full_text_mentions is 'Papers on arXiv whose text names a framework as used, by month: of a random sample that is read in full, one night after the other.';
comment on column metric.papers_full_text_mentions.population is 'The subject classes; a paper counts if one of its classes, primary or not, is among them.';
comment on column metric.papers_full_text_mentions.period_start is 'First day of the month in which arXiv gave the paper its number.';
comment on column metric.papers_full_text_mentions.n is 'Papers that name it as used; one that names several counts for each. 0 where none of the month does.';
comment on column metric.papers_full_text_mentions.base is 'Drawn papers of the month that could be read under the same rules. What could not be read is in neither; see rejects.';
comment on column metric.papers_full_text_mentions.bound_low is 'The share itself: use is at least this, but for false mentions.';
comment on column metric.papers_full_text_mentions.bound_high is '1: a paper that names nothing may use anything.';
comment on column metric.papers_full_text_mentions.as_of is 'Day on which the newest paper of the month was read.';
comment on column metric.papers_full_text_mentions.is_preliminary is 'True until the last day of the month after it: so long its papers are drawn.';
