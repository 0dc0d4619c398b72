-- Grain: one row per venue, edition, kind of text read and framework.
-- Every paper that an edition lists, with the frameworks that the detector read in it.
create or replace view metric.papers_proceedings_mentions as
select
    series_id, population, period_start, period_end, framework, 'mention' as measure, n, base,
    named_fraction as bound_low, 1 as bound_high, as_of, source_id, ruleset_id, as_of <= period_end as is_preliminary
from metric.papers_naming where series_id = 'papers.proceedings_mentions';

comment on view metric.papers_proceedings_mentions is 'Papers of a conference''s proceedings whose title or abstract names a framework as used, by edition.';
comment on column metric.papers_proceedings_mentions.population is 'Venue and what was read of its papers: titles, or titles and abstracts. The two do not compare.';
comment on column metric.papers_proceedings_mentions.n is 'Papers that name it as used. 0 where none of the edition does.';
comment on column metric.papers_proceedings_mentions.base is 'All papers that the edition lists and that were read under the same rules. Names in titles and abstracts are far below use.';
comment on column metric.papers_proceedings_mentions.bound_low is 'The share itself: use is at least this, but for false mentions.';
comment on column metric.papers_proceedings_mentions.bound_high is '1: what titles and abstracts leave out is unknown, and every silent paper may use it.';
comment on column metric.papers_proceedings_mentions.is_preliminary is 'True where the edition was read before its year was over.';
