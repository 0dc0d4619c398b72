-- fail: A public view has one row per grain, as its file states it
select view_name, rows_count - grains_count as repeated_rows
from (
    select 'adoption_vintages' as view_name, count(*) as rows_count,
           count(distinct row(series_id, population, period_start, framework, vintage_id)) as grains_count
    from main.adoption_vintages
    union all
    select 'detector_scores', count(*), count(distinct row(label_set, ruleset_id, tier, framework, subject_year))
    from main.detector_scores
    union all
    select 'download_lists', count(*), count(distinct row(source_id, window_end)) from main.download_lists
    union all
    select 'mlperf_label_sets', count(*), count(distinct row(competition, round, label_set)) from main.mlperf_label_sets
    union all
    select 'package_families', count(*), count(distinct package) from main.package_families
    union all
    select 'paper_labels', count(*), count(distinct row(source_id, subject_id, tier, framework, ruleset_id))
    from main.paper_labels
    union all
    select 'quarantine', count(*), count(distinct row(source_id, window_id)) from main.quarantine
    union all
    select 'paper_code', count(*),
           count(distinct row(source_id, paper_id, forge, repository, framework, known_from))
    from main.paper_code
    union all
    select 'repositories', count(*), count(distinct row(source_id, repository, observed_on)) from main.repositories
    union all
    select 'series', count(*), count(distinct series_id) from main.series
    union all
    select 'series_bias_figures', count(*), count(distinct row(series_id, subject)) from main.series_bias_figures
    union all
    select 'series_breaks', count(*), count(distinct row(series_id, population, break_id)) from main.series_breaks
    union all
    select 'survey_answers', count(*),
           count(distinct row(survey, edition_year, respondent_group, option_label))
    from main.survey_answers
    union all
    select 'survey_tallies', count(*),
           count(distinct row(survey, edition_year, respondent_group, option_label))
    from main.survey_tallies
    union all
    select 'survey_combinations', count(*),
           count(distinct row(survey, edition_year, respondent_group, combination))
    from main.survey_combinations
    union all
    select 'two_way', count(*), count(distinct row(series_id, population, period_start)) from main.two_way
)
where rows_count <> grains_count
order by all
