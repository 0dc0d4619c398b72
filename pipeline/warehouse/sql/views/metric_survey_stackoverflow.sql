-- Grain: one row an edition, group of respondents and framework of the Stack Overflow Developer Survey.
create or replace view metric.survey_stackoverflow as
with figure as (
    select
        'survey.stackoverflow' as series_id,
        respondent_group as population,
        make_date(edition_year, 1, 1) as period_start,
        make_date(edition_year, 12, 31) as period_end,
        framework, n, base, share, wording_id, as_of, source_id, is_preliminary
    from main.survey_answers
    where survey = 'stackoverflow' and framework is not null
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
    case
        when figure.n is null or figure.base is null then 'none: only a percentage was published'
        when figure.base = 0 then 'none: nobody answered'
        else 'Wilson 95 %'
    end as interval_method,
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

comment on view metric.survey_stackoverflow is 'Respondents of the Stack Overflow Developer Survey who have worked with a framework in the past year.';
comment on column metric.survey_stackoverflow.series_id is 'survey.stackoverflow.';
comment on column metric.survey_stackoverflow.population is 'Group of respondents: all respondents and professional developers, since 2023 also learning to code and other coders.';
comment on column metric.survey_stackoverflow.period_start is '1 January of the edition''s year.';
comment on column metric.survey_stackoverflow.period_end is '31 December of the edition''s year.';
comment on column metric.survey_stackoverflow.framework is 'Framework the option stands for; Torch/PyTorch is one option and counts for pytorch.';
comment on column metric.survey_stackoverflow.measure is 'respondents.';
comment on column metric.survey_stackoverflow.n is 'Respondents of the group who chose the option; null where only a percentage was published and no proven count of the single answers stands in for it (2018 to 2020 without a live collection).';
comment on column metric.survey_stackoverflow.base is 'Respondents of the group who answered the question; for 2018 to 2020 those who have worked with an option, where it was counted.';
comment on column metric.survey_stackoverflow.share is 'n as a fraction of base, in every year the same denominator (2021 and 2022 were published on a smaller one); as published where there is no count. Shares of a year add to more than one or less.';
comment on column metric.survey_stackoverflow.interval_low is 'Lower end of the 95 % Wilson interval. A model: it treats respondents as if drawn at random, but they choose to take part, so it holds the sampling error only and none of the bias.';
comment on column metric.survey_stackoverflow.interval_high is 'Upper end of the same interval, with the same reservation.';
comment on column metric.survey_stackoverflow.interval_method is 'Wilson 95 %, or why there is no interval.';
comment on column metric.survey_stackoverflow.bound_low is 'Always null: nothing is known of those who did not take part.';
comment on column metric.survey_stackoverflow.bound_high is 'Always null, for the same reason.';
comment on column metric.survey_stackoverflow.wording_id is 'The question''s wording; see survey_answers.';
comment on column metric.survey_stackoverflow.break_id is 'Segment: 2018, 2019-2020, 2021-2022 and 2023-2024 do not compare.';
comment on column metric.survey_stackoverflow.as_of is 'The day the figures were published as they stand here.';
comment on column metric.survey_stackoverflow.source_id is 'Where the figures come from.';
comment on column metric.survey_stackoverflow.ruleset_id is 'Always null: options are ticked, nothing is recognised.';
comment on column metric.survey_stackoverflow.is_preliminary is 'True for 2022 while only the published file is there, which was made while the survey was still open.';
