-- Grain: one row per edition, group of respondents and option of the Kaggle survey.
create or replace view metric.survey_kaggle as
select
    'survey.kaggle' as series_id, respondent_group as population, make_date(edition_year, 1, 1) as period_start,
    make_date(edition_year, 12, 31) as period_end, framework, 'respondents' as measure, n, base, share,
    'nobody answered' as no_interval_reason, wording_id, as_of, source_id, is_preliminary
from main.survey_answers
where survey = 'kaggle' and respondent_group in ('all respondents', 'data scientists', 'ML engineers');

comment on view metric.survey_kaggle is 'Respondents of the Kaggle Machine Learning & Data Science Survey who use a framework on a regular basis (2018: used it in the past five years). They choose to take part, so the interval of share holds the sampling error only and none of the bias.';
comment on column metric.survey_kaggle.population is 'all respondents, or by job title data scientists and, since 2020, ML engineers.';
comment on column metric.survey_kaggle.framework is 'Framework ticked; none is the literal answer None, other the answer Other.';
comment on column metric.survey_kaggle.n is 'Respondents of the group who ticked it, alone or with others; 0 where the option was offered and nobody of the group ticked it.';
comment on column metric.survey_kaggle.base is 'Respondents of the group who ticked at least one option, None included; those who were not shown the question or skipped it are left out.';
comment on column metric.survey_kaggle.no_interval_reason is 'Why there is no interval where base is 0.';
comment on column metric.survey_kaggle.share is 'n as a fraction of base. Respondents tick several options: the shares of a year add to more than one.';
