-- Grain: one row per series.
create or replace view main.series as
with held as (
    select
        series_id, count(*) as rows_count, min(period_start) as first_period_start, max(period_end) as last_period_end,
        max(as_of) as as_of
    from main.adoption
    group by series_id
),
bias as (
    select
        series_id,
        min_by(worded, row(share, subject)) || case
            when count(*) > 1 then ' to ' || max_by(worded, row(share, subject)) else ''
        end as worded_range
    from (
        select
            series_id, share, subject,
            format('{:.1f} %', 100 * share) || coalesce(' (' || subject || ')', '') as worded
        from main.series_bias_figures
    )
    group by series_id
)
select
    series.series_id,
    series.title,
    series.unit,
    series.population,
    series.measure,
    replace(series.known_bias, '{figure}', coalesce(bias.worded_range, 'an unknown share')) as known_bias,
    series.bias_direction,
    series.verdict_base,
    series.why_ended,
    coalesce(series.short_title, series.title) as short_title,
    source.licence,
    source.attribution,
    source.public_address,
    coalesce(held.as_of, source.as_of) as as_of,
    series.source_id,
    coalesce(held.rows_count, 0) as rows_count,
    held.first_period_start,
    held.last_period_end
from ref.series series
left join ref.source source on source.source_id = series.source_id
left join held on held.series_id = series.series_id
left join bias on bias.series_id = series.series_id;

comment on view main.series is 'What each series of adoption counts, of whom, how it is known to lean, and under which licence it is published.';
comment on column main.series.series_id is 'Identifier used in adoption.';
comment on column main.series.title is 'Title in words.';
comment on column main.series.unit is 'What one unit of n is.';
comment on column main.series.population is 'Whom or what the series is about, over all its populations.';
comment on column main.series.measure is 'What is counted, in words.';
comment on column main.series.known_bias is 'Why the figures may not stand for all use of a framework; its own figures are those of series_bias_figures.';
comment on column main.series.bias_direction is 'Which way the bias leans, as far as known.';
comment on column main.series.verdict_base is 'From how many subjects that name one of the two compared frameworks on a verdict is given; fewer show a figure and no leader. Null: the interval alone decides.';
comment on column main.series.short_title is 'The title, shortened where a chart names many series.';
comment on column main.series.why_ended is 'Why nothing newer comes; null where a service continues the series.';
comment on column main.series.licence is 'Licence of the published figures.';
comment on column main.series.attribution is 'Who is to be named when the figures are shown.';
comment on column main.series.public_address is 'Where the figures were published.';
comment on column main.series.as_of is 'Day of the newest figure of the series.';
comment on column main.series.source_id is 'Where the figures come from; see source_health.';
comment on column main.series.rows_count is 'Rows that the series has in adoption.';
comment on column main.series.first_period_start is 'First day of the earliest period; null without rows.';
comment on column main.series.last_period_end is 'Last day of the latest period; null without rows.';
