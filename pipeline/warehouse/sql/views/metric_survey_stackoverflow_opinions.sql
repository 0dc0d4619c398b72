-- Grain: one row per edition, opinion and framework of the Stack Overflow Developer Survey.
create or replace view metric.survey_stackoverflow_opinions as
select
    'survey.stackoverflow_opinions' as series_id, respondent_group as population,
    make_date(edition_year, 1, 1) as period_start, make_date(edition_year, 12, 31) as period_end, framework,
    'opinion' as measure, n, base, share, 'only a percentage was published' as no_interval_reason, wording_id, as_of,
    source_id, is_preliminary
from main.survey_answers
where survey = 'stackoverflow opinions' and framework is not null;

comment on view metric.survey_stackoverflow_opinions is 'Opinions of respondents of the Stack Overflow Developer Survey on a framework. Each framework has a base of its own, which was not published, so shares of two frameworks are never parts of one whole.';
comment on column metric.survey_stackoverflow_opinions.population is 'loved: of those who work with it, who want to go on; wanted: of those who do not, who want to begin.';
comment on column metric.survey_stackoverflow_opinions.share is 'The share as published.';
comment on column metric.survey_stackoverflow_opinions.no_interval_reason is 'Why there is no interval.';
