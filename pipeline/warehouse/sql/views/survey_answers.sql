-- Grain: one row per survey, edition, group of respondents and option.
-- The share of a survey is defined here; the views of the single series read it.
create or replace view main.survey_answers as
with member as (
    select
        source_id, survey, edition_year, respondent_group, combination, respondents_count, wording_id, seen_at
    from core.survey_combination
    union all
    -- The stored groups are disjoint, so their sum is everybody.
    select
        source_id, survey, edition_year, 'all respondents', combination, respondents_count, wording_id, seen_at
    from core.survey_combination
),
question as (
    select
        source_id, survey, edition_year, respondent_group, wording_id,
        sum(respondents_count) as question_count, max(seen_at) as seen_at
    from member
    where combination <> ''
    group by source_id, survey, edition_year, respondent_group, wording_id
),
ticked as (
    select
        source_id, survey, edition_year, respondent_group, wording_id, respondents_count,
        unnest(string_split(combination, '|')) as option_label
    from member
    where combination <> ''
),
offered as (
    -- An option that one group ticked was before the other groups too: there nobody ticking it is a zero.
    select distinct source_id, survey, edition_year, wording_id, option_label
    from ticked
),
summed as (
    select
        source_id, survey, edition_year, respondent_group, wording_id, option_label,
        sum(respondents_count) as respondents_count
    from ticked
    group by source_id, survey, edition_year, respondent_group, wording_id, option_label
),
published as (
    -- The owner's own count stands; where there is none, or only an early one, a proven count takes its place.
    select
        survey_count.source_id, survey_count.survey, survey_count.edition_year, survey_count.respondent_group,
        survey_count.option_label, survey_count.framework, survey_count.respondents_count, survey_count.question_count,
        survey_count.published_fraction, survey_count.is_preliminary, survey_count.wording_id, survey_count.seen_at,
        (survey_count.respondents_count is null or survey_count.is_preliminary)
            and coalesce(tally.is_proven, false) as is_replaced
    from core.survey_count survey_count
    left join main.survey_tallies tally
      on tally.survey = survey_count.survey and tally.edition_year = survey_count.edition_year
     and tally.respondent_group = survey_count.respondent_group and tally.option_label = survey_count.option_label
),
answer as (
    select
        question.source_id, question.survey, question.edition_year, question.respondent_group, offered.option_label,
        offered.option_label as framework, coalesce(summed.respondents_count, 0) as respondents_count,
        question.question_count, null as published_fraction, false as is_preliminary, question.wording_id,
        question.seen_at
    from question
    join offered
      on offered.source_id = question.source_id and offered.survey = question.survey
     and offered.edition_year = question.edition_year and offered.wording_id = question.wording_id
    left join summed
      on summed.source_id = question.source_id and summed.survey = question.survey
     and summed.edition_year = question.edition_year and summed.wording_id = question.wording_id
     and summed.respondent_group = question.respondent_group and summed.option_label = offered.option_label
    union all
    select
        source_id, survey, edition_year, respondent_group, option_label, framework, respondents_count, question_count,
        published_fraction, is_preliminary, wording_id, seen_at
    from published
    where not is_replaced
    union all
    select
        tally.source_id, tally.survey, tally.edition_year, tally.respondent_group, tally.option_label, tally.framework,
        tally.n, tally.base,
        case when not published.is_preliminary then published.published_fraction end, false, tally.wording_id, tally.as_of::timestamp
    from main.survey_tallies tally
    left join published
      on published.survey = tally.survey and published.edition_year = tally.edition_year
     and published.respondent_group = tally.respondent_group and published.option_label = tally.option_label
    where tally.is_proven and coalesce(published.is_replaced, true)
)
select
    answer.survey,
    answer.edition_year,
    answer.respondent_group,
    answer.option_label,
    answer.framework,
    answer.respondents_count::bigint as n,
    answer.question_count::bigint as base,
    case
        when answer.respondents_count is null or answer.question_count is null then answer.published_fraction
        when answer.question_count > 0 then answer.respondents_count / answer.question_count
    end as share,
    answer.published_fraction,
    answer.is_preliminary,
    answer.wording_id,
    wording.question,
    answer.seen_at::date as as_of,
    answer.source_id
from answer
left join ref.wording wording on wording.wording_id = answer.wording_id;

comment on view main.survey_answers is 'Answers to the framework question of each survey, per group of respondents. Respondents choose to take part, and may tick several options, so shares of an edition add to more than one.';
comment on column main.survey_answers.survey is 'stackoverflow, stackoverflow opinions (loved and wanted) or kaggle.';
comment on column main.survey_answers.edition_year is 'Year of the edition.';
comment on column main.survey_answers.respondent_group is 'Group of respondents. Groups overlap only with all respondents; other titles (Kaggle) is everybody who is neither data scientist nor ML engineer by job title, those who gave none included.';
comment on column main.survey_answers.option_label is 'The option as the survey names it (Stack Overflow), or its identifier (Kaggle, whose spelling changes by the year).';
comment on column main.survey_answers.framework is 'Framework the option stands for; none is the answer None; null for options that are no framework, such as NumPy and CUDA.';
comment on column main.survey_answers.n is 'Respondents who chose the option; null where only a percentage was published.';
comment on column main.survey_answers.base is 'Respondents of the group who answered the question; null where not published in a usable form.';
comment on column main.survey_answers.share is 'n as a fraction of base, whatever denominator the publisher used that year; the published fraction where there is no count.';
comment on column main.survey_answers.published_fraction is 'The share as published, on the publisher''s own denominator of that year; null where the counts were made from single answers.';
comment on column main.survey_answers.is_preliminary is 'True where the published file was made while the survey was still open.';
comment on column main.survey_answers.wording_id is 'The question''s wording; answers to different wordings do not compare.';
comment on column main.survey_answers.question is 'The question in our words, with the column that held it.';
comment on column main.survey_answers.as_of is 'The day the figures were published or taken.';
comment on column main.survey_answers.source_id is 'Where the figures come from; see source_health.';
