-- Grain: one row a venue, edition year and framework (PyTorch, TensorFlow), in the newest published version.
-- Calculated in adoption_vintages; a cell that the newest version no longer holds was withdrawn and is not shown.
create or replace view metric.papers_conference_mentions as
select
    series_id, population, period_start, period_end, framework, measure, n, base, share, interval_low, interval_high,
    interval_method, bound_low, bound_high, wording_id, break_id, as_of, source_id, ruleset_id, is_preliminary
from main.adoption_vintages
where series_id = 'papers.conference_mentions'
qualify vintage_at = max(vintage_at) over (partition by source_id);

comment on view metric.papers_conference_mentions is 'Of the papers of a venue whose PDF names exactly one of PyTorch and TensorFlow, how many name which.';
comment on column metric.papers_conference_mentions.series_id is 'papers.conference_mentions.';
comment on column metric.papers_conference_mentions.population is 'The venue.';
comment on column metric.papers_conference_mentions.period_start is '1 January of the edition''s year.';
comment on column metric.papers_conference_mentions.period_end is '31 December of the edition''s year.';
comment on column metric.papers_conference_mentions.framework is 'pytorch or tensorflow.';
comment on column metric.papers_conference_mentions.measure is 'mention.';
comment on column metric.papers_conference_mentions.n is 'Papers that name this framework and not the other.';
comment on column metric.papers_conference_mentions.base is 'Papers that name exactly one of the two.';
comment on column metric.papers_conference_mentions.share is 'n / base; null where base is 0.';
comment on column metric.papers_conference_mentions.interval_low is 'Lower end of the 95 % Wilson interval of share.';
comment on column metric.papers_conference_mentions.interval_high is 'Upper end of the 95 % Wilson interval of share.';
comment on column metric.papers_conference_mentions.interval_method is 'How the interval was made, or why there is none.';
comment on column metric.papers_conference_mentions.bound_low is 'Share over all papers if every other paper used the other framework; null without a total.';
comment on column metric.papers_conference_mentions.bound_high is 'Share over all papers if every paper but the other framework''s used this one; null without a total.';
comment on column metric.papers_conference_mentions.wording_id is 'Null: no survey.';
comment on column metric.papers_conference_mentions.break_id is 'The segment: accepted papers, or all submissions (ICLR from 2021).';
comment on column metric.papers_conference_mentions.as_of is 'Day of the newest published version.';
comment on column metric.papers_conference_mentions.source_id is 'Where the figure comes from.';
comment on column metric.papers_conference_mentions.ruleset_id is 'The publisher''s rules in force in that version.';
comment on column metric.papers_conference_mentions.is_preliminary is 'Always false.';
