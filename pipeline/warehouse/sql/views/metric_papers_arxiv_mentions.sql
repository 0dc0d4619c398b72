-- Grain: one row a month of first submission, framework and ruleset.
-- A paper naming two frameworks counts in both; its base is every paper of the same subject classes in that month.
create or replace view metric.papers_arxiv_mentions as
with base as (
    select
        source_id, subject, string_split(subject, ' ') as classes, period_start, period_end, items_count, observed_on
    from core.period_count
    where source_id = 'arxiv' and measure = 'papers' and framework is null
    qualify row_number() over (partition by subject, period_start, period_end order by observed_on desc) = 1
),
counted as (
    select
        base.source_id, base.subject, base.period_start, base.period_end, base.items_count, base.observed_on,
        label.framework, label.ruleset_id, count(distinct paper.paper_id) as n
    from base
    join core.paper paper
      on paper.source_id = base.source_id
     and paper.submitted_on between base.period_start and base.period_end
     and list_has_any(string_split(paper.categories, ' '), base.classes)
    join core.paper_label label
      on label.source_id = paper.source_id and label.paper_id = paper.paper_id and label.tier = 'mention'
     and label.framework <> 'none'
    group by all
)
select
    'papers.arxiv_mentions' as series_id,
    replace(counted.subject, ' ', ', ') as population,
    counted.period_start,
    counted.period_end,
    counted.framework,
    'mention' as measure,
    counted.n::bigint as n,
    counted.items_count::bigint as base,
    counted.n / counted.items_count as share,
    wilson_low(counted.n, counted.items_count) as interval_low,
    wilson_high(counted.n, counted.items_count) as interval_high,
    'Wilson 95 %' as interval_method,
    -- A paper may use a framework without a word of it in its title, abstract or comment.
    counted.n / counted.items_count as bound_low,
    1::double as bound_high,
    null::varchar as wording_id,
    segment.break_id,
    counted.observed_on as as_of,
    counted.source_id,
    counted.ruleset_id,
    counted.period_end + 45 > counted.observed_on as is_preliminary
from counted
left join metric.series_segment segment
  on segment.series_id = 'papers.arxiv_mentions'
 and (segment.population = replace(counted.subject, ' ', ', ')
      or (segment.population is null
          and not list_contains(segment.other_populations, replace(counted.subject, ' ', ', '))))
 and segment.starts_on <= counted.period_start
 and counted.period_start < segment.ends_before
where counted.items_count >= counted.n;

comment on view metric.papers_arxiv_mentions is 'Papers on arXiv whose title, abstract or comment names a framework, by the month of their first version.';
comment on column metric.papers_arxiv_mentions.series_id is 'papers.arxiv_mentions.';
comment on column metric.papers_arxiv_mentions.population is 'The subject classes; a paper counts if one of its classes, primary or not, is among them.';
comment on column metric.papers_arxiv_mentions.period_start is 'First day of the month of first submission.';
comment on column metric.papers_arxiv_mentions.period_end is 'Last day of that month.';
comment on column metric.papers_arxiv_mentions.framework is 'The framework that is named.';
comment on column metric.papers_arxiv_mentions.measure is 'mention.';
comment on column metric.papers_arxiv_mentions.n is 'Papers that name it. A framework that no paper of a month names has no row.';
comment on column metric.papers_arxiv_mentions.base is 'All papers of the classes in that month, as the service announced it last.';
comment on column metric.papers_arxiv_mentions.share is 'n / base: mentions in abstracts, far below use.';
comment on column metric.papers_arxiv_mentions.interval_low is 'Lower end of the 95 % Wilson interval, as if the month were a random sample.';
comment on column metric.papers_arxiv_mentions.interval_high is 'Upper end of the 95 % Wilson interval, as if the month were a random sample.';
comment on column metric.papers_arxiv_mentions.interval_method is 'Wilson 95 %.';
comment on column metric.papers_arxiv_mentions.bound_low is 'The share itself: use is at least this, but for false mentions.';
comment on column metric.papers_arxiv_mentions.bound_high is '1: what abstracts leave out is unknown, and every silent paper may use it.';
comment on column metric.papers_arxiv_mentions.wording_id is 'Null: no survey.';
comment on column metric.papers_arxiv_mentions.break_id is 'The segment of the series.';
comment on column metric.papers_arxiv_mentions.as_of is 'Day on which the base was counted.';
comment on column metric.papers_arxiv_mentions.source_id is 'Where the figure comes from.';
comment on column metric.papers_arxiv_mentions.ruleset_id is 'The rules by which a mention was found.';
comment on column metric.papers_arxiv_mentions.is_preliminary is 'True until 45 days after the month: papers on hold are listed late.';
