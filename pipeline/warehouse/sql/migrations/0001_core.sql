create schema if not exists core;
create schema if not exists ref;
create schema if not exists ops;
create schema if not exists metric;

-- Facts. Moments are UTC. Every row says where it came from (source_id, page_sha256) and when that was seen.
create table core.paper_count (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    venue varchar not null, edition_year integer not null, paper_scope varchar not null,
    framework varchar not null, only_count integer not null check (only_count >= 0),
    papers_count integer check (papers_count >= only_count),
    vintage_at timestamp not null, vintage_id varchar not null, ruleset_id varchar not null,
    primary key (source_id, venue, edition_year, framework, vintage_at)
);

create table core.paper_label (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    subject_id varchar not null, paper_id varchar not null, venue varchar, subject_year integer,
    repository varchar, is_official boolean, tier varchar not null, framework varchar not null,
    ruleset_id varchar not null,
    primary key (source_id, subject_id, tier, framework, ruleset_id)
);

create table core.code_availability (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    venue varchar not null, edition_year integer not null, paper_scope varchar not null,
    papers_count integer not null, usable_count integer not null, junk_count integer not null,
    is_collected boolean not null, is_newest_list boolean not null,
    check (usable_count + junk_count <= papers_count),
    primary key (source_id, venue, edition_year)
);

create table core.competition_entry (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    competition varchar not null, round varchar not null, round_year integer not null,
    label_set varchar not null, entries_count integer not null,
    primary key (source_id, competition, round, label_set)
);

create table core.survey_count (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    survey varchar not null, edition_year integer not null, respondent_group varchar not null,
    option_label varchar not null, framework varchar,
    respondents_count integer, question_count integer,
    published_fraction double not null check (published_fraction between 0 and 1),
    is_preliminary boolean not null, wording_id varchar not null,
    check (respondents_count <= question_count),
    primary key (source_id, edition_year, respondent_group, option_label)
);

create table core.survey_combination (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    survey varchar not null, edition_year integer not null, respondent_group varchar not null,
    combination varchar not null, respondents_count integer not null, wording_id varchar not null,
    primary key (source_id, edition_year, respondent_group, combination)
);

create table core.repository_day (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    repository varchar not null, listed_as varchar not null, observed_on date not null,
    stars_count integer not null, forks_count integer,
    primary key (source_id, repository, observed_on)
);

create table core.download_window (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    package varchar not null, client_scope varchar not null,
    window_start date not null, window_end date not null, downloads_count bigint not null,
    counting_system varchar not null,
    check (window_start <= window_end),
    primary key (source_id, package, client_scope, window_end)
);

create table core.download_list (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    window_end date not null, packages_count integer not null, cutoff_count bigint not null,
    counting_system varchar not null,
    primary key (source_id, window_end)
);

-- Reference lists: replaced as a whole from data/reference and the archive's manifest at every load.
create table ref.framework (
    framework varchar primary key, title varchar not null,
    is_deep_learning boolean not null, note varchar
);
create table ref.framework_repository (repository varchar primary key, framework varchar not null, title varchar not null);
-- is_main marks the first package of a family: the one that is installed unless somebody wants a special build.
create table ref.framework_package (
    package varchar primary key, framework varchar not null, is_main boolean not null
);
create table ref.source (
    source_id varchar primary key, title varchar not null, public_address varchar not null,
    licence varchar not null, attribution varchar not null, as_of date not null
);
create table ref.series (
    series_id varchar primary key, title varchar not null, unit varchar not null,
    population varchar not null, measure varchar not null,
    known_bias varchar not null, bias_direction varchar not null, source_id varchar not null
);
-- A series is cut into segments; a segment is in force from starts_on until the next one starts.
-- population is null where the segment holds for every population of the series.
create table ref.series_break (
    series_id varchar not null, population varchar, break_id varchar not null,
    starts_on date not null, reason varchar not null
);
create table ref.wording (wording_id varchar primary key, question varchar not null);

-- What the pipeline did.
create table ops.run (
    run_id varchar primary key, started_at timestamp not null, finished_at timestamp,
    mode varchar not null, outcome varchar not null, message varchar
);
create table ops.source_run (
    run_id varchar not null, source_id varchar not null, state varchar not null,
    records_count integer not null, rejects_count integer not null,
    message varchar, remedy varchar,
    primary key (run_id, source_id)
);
create table ops.reject (
    source_id varchar not null, page_sha256 varchar not null, locator varchar not null,
    reason varchar not null, seen_at timestamp not null,
    primary key (source_id, page_sha256, locator)
);
create table ops.check_result (
    run_id varchar not null, check_name varchar not null, severity varchar not null,
    offenders_count integer not null, sentence varchar not null,
    primary key (run_id, check_name)
);
