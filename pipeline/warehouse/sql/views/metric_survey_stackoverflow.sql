-- Grain: one row per edition, group of respondents and framework of the Stack Overflow Developer Survey.
create or replace view metric.survey_stackoverflow as
select
    'survey.stackoverflow' as series_id, respondent_group as population, make_date(edition_year, 1, 1) as period_start,
    make_date(edition_year, 12, 31) as period_end, framework, 'respondents' as measure, n, base, share,
    if(n is null or base is null, 'only a percentage was published', 'nobody answered') as no_interval_reason,
    wording_id, as_of, source_id, is_preliminary
from main.survey_answers
where survey = 'stackoverflow' and framework is not null;

comment on view metric.survey_stackoverflow is 'Respondents of the Stack Overflow Developer Survey who have worked with a framework in the past year. They choose to take part, so the interval of share holds the sampling error only and none of the bias.';
comment on column metric.survey_stackoverflow.population is 'Group of respondents: all respondents and professional developers, since 2023 also learning to code and other coders.';
comment on column metric.survey_stackoverflow.framework is 'Framework the option stands for; an option that names two versions of one framework counts for the later.';
comment on column metric.survey_stackoverflow.n is 'Respondents of the group who chose the option; null where only a percentage was published and no proven count of the single answers stands in for it (2018 to 2020 without a live collection).';
comment on column metric.survey_stackoverflow.base is 'Respondents of the group who answered the question; for 2018 to 2020 those who have worked with an option, where it was counted.';
comment on column metric.survey_stackoverflow.no_interval_reason is 'Why there is no interval.';
comment on column metric.survey_stackoverflow.share is 'n as a fraction of base, in every year the same denominator (2021 and 2022 were published on a smaller one); as published where there is no count. Shares of a year add to more than one or less.';
comment on column metric.survey_stackoverflow.is_preliminary is 'True for 2022 while only the published file is there, which was made while the survey was still open.';
