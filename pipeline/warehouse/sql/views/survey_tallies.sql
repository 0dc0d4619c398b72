-- Grain: one row per survey, edition, group of respondents and option that was counted from the survey's single answers.
-- Which denominator is the publisher's is not believed but found: it is the one that gives the shares that were published.
create or replace view main.survey_tallies as
with compared as (
    select
        tally.source_id, tally.survey, tally.edition_year, tally.respondent_group, tally.option_label, tally.framework,
        tally.respondents_count, tally.worked_with_count, tally.answered_count, tally.wording_id, tally.seen_at,
        -- A file that was made while the survey was open proves nothing.
        case
            when published.is_preliminary then null
            when published.question_count > 0 then published.respondents_count / published.question_count
            else published.published_fraction
        end as published_share
    from core.survey_tally tally
    left join core.survey_count published
      on published.survey = tally.survey and published.edition_year = tally.edition_year
     and published.respondent_group = tally.respondent_group and published.option_label = tally.option_label
),
edition as (
    select
        survey, edition_year, respondent_group, wording_id,
        count(published_share) as published_options,
        bool_and(abs(respondents_count / answered_count - published_share) <= 0.0005)
            filter (where published_share is not null) as is_of_all,
        bool_and(abs(respondents_count / worked_with_count - published_share) <= 0.0005)
            filter (where published_share is not null) as is_of_users
    from compared
    group by survey, edition_year, respondent_group, wording_id
),
ruled as (
    select
        survey, edition_year, respondent_group, wording_id, published_options,
        case
            when published_options = 0 then null
            when is_of_all then 'all who answered'
            when is_of_users then 'all who have worked with an option'
            else 'neither'
        end as own_denominator
    from edition
),
denominator as (
    select
        ruled.survey, ruled.edition_year, ruled.respondent_group, ruled.wording_id,
        -- Where nothing final was published, the same question's other editions must all agree.
        coalesce(
            ruled.own_denominator,
            case when min(other.own_denominator) = max(other.own_denominator) then min(other.own_denominator) end
        ) as denominator
    from ruled
    left join ruled other
      on other.survey = ruled.survey and other.wording_id = ruled.wording_id
     and other.respondent_group = ruled.respondent_group
    group by ruled.survey, ruled.edition_year, ruled.respondent_group, ruled.wording_id, ruled.own_denominator
)
select
    compared.survey,
    compared.edition_year,
    compared.respondent_group,
    compared.option_label,
    compared.framework,
    compared.respondents_count::bigint as n,
    compared.worked_with_count::bigint as worked_with_base,
    compared.answered_count::bigint as answered_base,
    compared.published_share,
    denominator.denominator,
    case denominator.denominator
        when 'all who answered' then compared.answered_count
        when 'all who have worked with an option' then compared.worked_with_count
    end::bigint as base,
    coalesce(denominator.denominator in ('all who answered', 'all who have worked with an option'), false) as is_proven,
    compared.wording_id,
    compared.seen_at::date as as_of,
    compared.source_id
from compared
join denominator
  on denominator.survey = compared.survey and denominator.edition_year = compared.edition_year
 and denominator.respondent_group = compared.respondent_group and denominator.wording_id = compared.wording_id;

comment on view main.survey_tallies is 'Surveys counted from the single answers that their owner published, beside the shares that the owner published. A count is only used where it gives those shares.';
comment on column main.survey_tallies.survey is 'stackoverflow.';
comment on column main.survey_tallies.edition_year is 'Year of the edition.';
comment on column main.survey_tallies.respondent_group is 'Group of respondents.';
comment on column main.survey_tallies.option_label is 'The option as the survey names it.';
comment on column main.survey_tallies.framework is 'Framework the option stands for.';
comment on column main.survey_tallies.n is 'Respondents of the group who have worked with the option.';
comment on column main.survey_tallies.worked_with_base is 'Respondents of the group who have worked with at least one option.';
comment on column main.survey_tallies.answered_base is 'Those, and who only wants to work with one; null where the file does not say.';
comment on column main.survey_tallies.published_share is 'The share that the owner published: its count on its base where it published both, its percentage otherwise; null where nothing final was published.';
comment on column main.survey_tallies.denominator is 'Which base gives the published shares of all options within 0.05 percentage points: all who answered, all who have worked with an option, or neither. Where nothing final was published, what the same question''s other editions agree on; null where they do not.';
comment on column main.survey_tallies.base is 'That base; null where there is none.';
comment on column main.survey_tallies.is_proven is 'Whether there is such a base, so that the count may stand in survey_answers.';
comment on column main.survey_tallies.wording_id is 'The question''s wording.';
comment on column main.survey_tallies.as_of is 'The day the answers were fetched.';
comment on column main.survey_tallies.source_id is 'Where the answers come from.';
