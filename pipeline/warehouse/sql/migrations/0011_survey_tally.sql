-- Answers to a survey that were counted from its single answers; survey_count holds what its owner published.
create table core.survey_tally (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    survey varchar not null, edition_year integer not null, respondent_group varchar not null,
    option_label varchar not null, framework varchar not null,
    respondents_count integer not null, worked_with_count integer not null, answered_count integer,
    wording_id varchar not null,
    check (respondents_count <= worked_with_count), check (worked_with_count <= answered_count),
    primary key (source_id, edition_year, respondent_group, option_label)
);
