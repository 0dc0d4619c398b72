-- Grain: one row per series and subject (year, round or framework) of the figure that its known bias rests on.
-- A series joins with one branch below and `{figure}` in its known_bias, which the view series fills in.
create or replace view main.series_bias_figures as
with counted as (
    select
        'survey.kaggle' as series_id, 'other titles among those who answered' as figure, edition_year::varchar as subject,
        max(base) filter (where respondent_group = 'other titles') as n,
        max(base) filter (where respondent_group = 'all respondents') as base, source_id
    from main.survey_answers
    where survey = 'kaggle'
    group by edition_year, source_id
    union all
    select
        case competition when 'MLPerf Training' then 'mlperf.training_entries' else 'mlperf.inference_entries' end,
        'entries that name several frameworks', round,
        coalesce(sum(entries_count) filter (where frameworks_count > 1), 0), sum(entries_count), source_id
    from main.mlperf_label_sets
    where competition in ('MLPerf Training', 'MLPerf Inference')
    group by competition, round, source_id
    union all
    select
        'papers.conference_mentions', 'users whose text names the framework of their code', framework.title,
        score.true_positives, score.true_positives + score.false_negatives, score.source_id
    from main.detector_scores score
    join ref.framework framework on framework.framework = score.framework
    where score.source_id = 'icml_2019_labels' and score.ruleset_id like 'conference-tracker%'
      and score.subject_year is null and score.recall_share is not null
    union all
    select
        'papers.code_links', 'links labelled none', null,
        sum(n) filter (where framework = 'none'), sum(base) filter (where is_first), any_value(source_id)
    from (
        select
            framework, n, base, source_id,
            row_number() over (partition by period_start order by framework) = 1 as is_first
        from main.adoption
        where series_id = 'papers.code_links' and population = 'all'
    )
    union all
    select
        series_id, 'links drawn whose repository could not be read', edition_year::varchar,
        count(*) filter (where outcome = 'not obtained'), count(*), source_id
    from main.sampled_paper_code
    where population = 'all'
    group by series_id, edition_year, source_id
)
select series_id, figure, subject, n::bigint as n, base::bigint as base, n / base as share, source_id
from counted
where n is not null and base > 0;

comment on view main.series_bias_figures is 'Figures that the known bias of a series rests on, counted from the data at hand; the text in series gives the smallest and the greatest.';
comment on column main.series_bias_figures.series_id is 'The series; see series.';
comment on column main.series_bias_figures.figure is 'What n counts, in words.';
comment on column main.series_bias_figures.subject is 'The year, round or framework that it is counted for; null: all together.';
comment on column main.series_bias_figures.n is 'The count.';
comment on column main.series_bias_figures.base is 'Of how many: those who answered, entries of the round, users whose code is known, links, links drawn.';
comment on column main.series_bias_figures.share is 'n / base, 0 to 1.';
comment on column main.series_bias_figures.source_id is 'Where the figure comes from.';
