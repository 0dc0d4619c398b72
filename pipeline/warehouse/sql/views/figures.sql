-- Grain: one row per series, population, period and framework; and per published version where a publisher keeps them.
-- The shape of every figure stands here and nowhere else: its share, its interval and the segment of its series.
-- A series joins with one line below. Its view gives series_id, population, the period, framework, measure, n, as_of
-- and source_id, and of the others those that it has; a column that it leaves out is null.
-- A complete count (is_complete_count) sampled nothing, so its share has no interval.
create or replace view metric.figures as
with figure as (
    from metric.papers_conference_mentions
    union all by name from metric.papers_code_links
    union all by name from metric.papers_code
    union all by name from metric.papers_code_availability
    union all by name from metric.papers_arxiv_mentions
    union all by name from metric.papers_proceedings_mentions
    union all by name from metric.papers_full_text_mentions
    union all by name from metric.papers_hub_daily_mentions
    union all by name from metric.mlperf_entries
    union all by name from metric.survey_stackoverflow
    union all by name from metric.survey_stackoverflow_opinions
    union all by name from metric.survey_kaggle
    union all by name from metric.github_stars
    union all by name from metric.downloads_package_index
    union all by name from metric.downloads_tools
    union all by name from metric.downloads_by_month
    union all by name from metric.announced_totals
)
select
    figure.series_id,
    figure.population,
    figure.period_start,
    figure.period_end,
    figure.framework,
    figure.measure,
    figure.n::bigint as n,
    figure.base::bigint as base,
    coalesce(figure.share, figure.n / nullif(figure.base, 0)) as share,
    -- Nothing is left to chance in a complete count; and what was not drawn at random has no error of a draw.
    case when figure.is_complete_count or chosen.sampling <> 'sample' then null
         when figure.effective_base is null then wilson_low(figure.n, figure.base)
         else wilson_low(figure.share * figure.effective_base, figure.effective_base) end as interval_low,
    case when figure.is_complete_count or chosen.sampling <> 'sample' then null
         when figure.effective_base is null then wilson_high(figure.n, figure.base)
         else wilson_high(figure.share * figure.effective_base, figure.effective_base) end as interval_high,
    case
        when chosen.sampling <> 'sample' then 'none: ' || chosen.sampling
        when figure.n is not null and figure.base > 0 and figure.is_complete_count then 'none: complete count without a sample'
        when figure.effective_base is not null then 'Wilson 95 %, weighted by the size of each stratum (effective base)'
        when figure.n is not null and figure.base > 0 then 'Wilson 95 %'
        else 'none: ' || coalesce(figure.no_interval_reason, 'complete count without a sample')
    end as interval_method,
    figure.bound_low,
    figure.bound_high,
    figure.wording_id,
    segment.break_id,
    figure.as_of,
    figure.source_id,
    figure.ruleset_id,
    coalesce(figure.is_preliminary, false) as is_preliminary,
    figure.effective_base,
    figure.vintage_at,
    figure.vintage_id,
    figure.paper_scope,
    coalesce(figure.is_newest, true) as is_newest
from figure
left join ref.series chosen on chosen.series_id = figure.series_id
left join metric.series_segment segment
  on segment.series_id = figure.series_id
 and (segment.population = figure.population
      or (segment.population is null and not list_contains(segment.other_populations, figure.population)))
 and segment.starts_on <= figure.period_start and figure.period_start < segment.ends_before;

comment on view metric.figures is 'Every figure of every series, in every version that was published. adoption shows the newest, adoption_vintages all versions.';
comment on column metric.figures.vintage_at is 'When this version was published, UTC; null where the publisher keeps one version only.';
comment on column metric.figures.vintage_id is 'The published version, a commit.';
comment on column metric.figures.paper_scope is 'accepted, or submissions where this version counted everything that was submitted.';
comment on column metric.figures.effective_base is 'The base of an unweighted sample of the same precision, where the share is weighted; null elsewhere.';
comment on column metric.figures.is_newest is 'True for the newest published version, which is the one that adoption shows.';
