-- Grain: one row per survey, edition, group of respondents and set of options ticked together.
create or replace view main.survey_combinations as
select
    combination.survey,
    combination.edition_year,
    combination.respondent_group,
    combination.combination,
    case when combination.combination = '' then 0 else len(string_split(combination.combination, '|')) end as options_count,
    combination.respondents_count::bigint as n,
    combination.combination <> '' as is_answer,
    combination.wording_id,
    combination.seen_at::date as as_of,
    combination.source_id
from core.survey_combination combination;

comment on view main.survey_combinations is 'Which frameworks the same respondents use together, for surveys whose single answers are public. Groups are disjoint; add them up for everybody.';
comment on column main.survey_combinations.survey is 'The survey.';
comment on column main.survey_combinations.edition_year is 'Year of the edition.';
comment on column main.survey_combinations.respondent_group is 'Group by job title: data scientists, ML engineers (since 2020) or other titles.';
comment on column main.survey_combinations.combination is 'Frameworks ticked together, in alphabetical order, joined by |; none is the answer None; empty: not answered or not shown.';
comment on column main.survey_combinations.options_count is 'How many options were ticked together.';
comment on column main.survey_combinations.n is 'Respondents who ticked exactly this set.';
comment on column main.survey_combinations.is_answer is 'False for the empty set, which stands outside every base.';
comment on column main.survey_combinations.wording_id is 'The question''s wording; answers to different wordings do not compare.';
comment on column main.survey_combinations.as_of is 'The day the answers were taken.';
comment on column main.survey_combinations.source_id is 'Where the answers come from; see source_health.';
