-- Grain: one row an edition, group of respondents and option of the Kaggle survey.
create or replace view metric.survey_kaggle as
with figure as (
    select
        'survey.kaggle' as series_id,
        respondent_group as population,
        make_date(edition_year, 1, 1) as period_start,
        make_date(edition_year, 12, 31) as period_end,
        framework, n, base, share, wording_id, as_of, source_id, is_preliminary
    from main.survey_answers
    where survey = 'kaggle' and respondent_group in ('all respondents', 'data scientists', 'ML engineers')
)
select
    figure.series_id,
    figure.population,
    figure.period_start,
    figure.period_end,
    figure.framework,
    'respondents' as measure,
    figure.n,
    figure.base,
    figure.share,
    wilson_low(figure.n, figure.base) as interval_low,
    wilson_high(figure.n, figure.base) as interval_high,
    'Wilson 95 %' as interval_method,
    null::double as bound_low,
    null::double as bound_high,
    figure.wording_id,
    segment.break_id,
    figure.as_of,
    figure.source_id,
    null::varchar as ruleset_id,
    figure.is_preliminary
from figure
left join metric.series_segment segment
  on segment.series_id = figure.series_id
 and (segment.population = figure.population
      or (segment.population is null and not list_contains(segment.other_populations, figure.population)))
 and segment.starts_on <= figure.period_start and figure.period_start < segment.ends_before;

comment on view metric.survey_kaggle is 'Respondents of the Kaggle Machine Learning & Data Science Survey who use a framework on a regular basis (2018: used it in the past five years).';
comment on column metric.survey_kaggle.series_id is 'survey.kaggle.';
comment on column metric.survey_kaggle.population is 'all respondents, or by job title data scientists and, since 2020, ML engineers.';
comment on column metric.survey_kaggle.period_start is '1 January of the edition''s year.';
comment on column metric.survey_kaggle.period_end is '31 December of the edition''s year.';
comment on column metric.survey_kaggle.framework is 'Framework ticked; none is the literal answer None, other the answer Other.';
comment on column metric.survey_kaggle.measure is 'respondents.';
comment on column metric.survey_kaggle.n is 'Respondents of the group who ticked it, alone or with others; 0 where the option was offered and nobody of the group ticked it.';
comment on column metric.survey_kaggle.base is 'Respondents of the group who ticked at least one option, None included; those who were not shown the question or skipped it are left out.';
comment on column metric.survey_kaggle.share is 'n as a fraction of base. Respondents tick several options: the shares of a year add to more than one.';
comment on column metric.survey_kaggle.interval_low is 'Lower end of the 95 % Wilson interval. A model: it treats respondents as if drawn at random, but they choose to take part, so it holds the sampling error only and none of the bias.';
comment on column metric.survey_kaggle.interval_high is 'Upper end of the same interval, with the same reservation.';
comment on column metric.survey_kaggle.interval_method is 'Wilson 95 %.';
comment on column metric.survey_kaggle.bound_low is 'Always null: those without an answer were mostly not shown the question.';
comment on column metric.survey_kaggle.bound_high is 'Always null, for the same reason.';
comment on column metric.survey_kaggle.wording_id is 'The question''s wording; see survey_answers.';
comment on column metric.survey_kaggle.break_id is 'Segment: 2018 asked for the past five years and does not compare; the ML engineers'' title was widened in 2022.';
comment on column metric.survey_kaggle.as_of is 'The day the answers were taken.';
comment on column metric.survey_kaggle.source_id is 'Where the answers come from.';
comment on column metric.survey_kaggle.ruleset_id is 'Always null: options are ticked, nothing is recognised.';
comment on column metric.survey_kaggle.is_preliminary is 'Always false: the surveys are closed.';
