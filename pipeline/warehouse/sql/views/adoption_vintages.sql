-- Grain: one row a series, population, period, framework and published version of the figure.
-- The calculation of papers.conference_mentions stands here and nowhere else: metric.papers_conference_mentions is the
-- newest version of these rows, adoption_as_published(on_date) the version that was public on a day.
create or replace view main.adoption_vintages as
with cell as (
    select
        source_id, venue, edition_year, paper_scope, framework, papers_count, vintage_at, vintage_id, ruleset_id,
        only_count,
        -- Both frameworks of a version stand in its table; without one of them there is no denominator.
        case when count(*) over edition = 2 then sum(only_count) over edition end as base_count
    from core.paper_count
    where framework in ('pytorch', 'tensorflow')
    window edition as (partition by source_id, venue, edition_year, vintage_at)
)
select
    'papers.conference_mentions' as series_id,
    cell.venue as population,
    make_date(cell.edition_year, 1, 1) as period_start,
    make_date(cell.edition_year, 12, 31) as period_end,
    cell.framework,
    'mention' as measure,
    cell.only_count::bigint as n,
    cell.base_count::bigint as base,
    case when cell.base_count > 0 then cell.only_count / cell.base_count end as share,
    wilson_low(cell.only_count, cell.base_count) as interval_low,
    wilson_high(cell.only_count, cell.base_count) as interval_high,
    case
        when cell.base_count > 0 then 'Wilson 95 %'
        when cell.base_count = 0 then 'none: no paper names exactly one of the two'
        else 'none: the count of the other framework is missing'
    end as interval_method,
    -- Worst cases over all papers: every silent paper used the other framework, or every silent paper used this one.
    case when cell.papers_count > 0 then cell.only_count / cell.papers_count end as bound_low,
    case when cell.papers_count > 0 then 1 - (cell.base_count - cell.only_count) / cell.papers_count end as bound_high,
    null::varchar as wording_id,
    segment.break_id,
    cell.vintage_at::date as as_of,
    cell.source_id,
    cell.ruleset_id,
    false as is_preliminary,
    cell.vintage_at,
    cell.vintage_id,
    cell.paper_scope
from cell
left join metric.series_segment segment
  on segment.series_id = 'papers.conference_mentions'
 and (segment.population = cell.venue
      or (segment.population is null and not list_contains(segment.other_populations, cell.venue)))
 and segment.starts_on <= make_date(cell.edition_year, 1, 1) and make_date(cell.edition_year, 1, 1) < segment.ends_before;

create or replace macro adoption_as_published(on_date) as table
select
    series_id, population, period_start, period_end, framework, measure, n, base, share, interval_low, interval_high,
    interval_method, bound_low, bound_high, wording_id, break_id, as_of, source_id, ruleset_id, is_preliminary,
    vintage_at, vintage_id, paper_scope
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
comment on column main.adoption_vintages.framework is 'pytorch or tensorflow.';
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
