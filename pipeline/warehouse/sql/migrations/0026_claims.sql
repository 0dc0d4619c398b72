-- What articles say about the frameworks: each claim, how it is tested, the tolerances fixed beforehand, and the frame.
create schema claim_test;
create table ref.claim (
    claim_id varchar primary key, article varchar not null, address varchar not null, article_date varchar not null,
    claim varchar not null, family varchar not null, metric varchar not null, population varchar not null,
    period varchar not null, figures varchar, operator varchar not null, favours varchar not null,
    source_named varchar, tolerance_class varchar not null, derived_from varchar, found_by varchar not null,
    reading varchar, reason varchar
);
create table ref.claim_test (
    claim_id varchar not null, place integer not null, kind varchar not null, is_population boolean not null,
    can_age boolean not null, series_id varchar, population varchar, framework varchar, mode varchar, other varchar,
    other_mode varchar, measure varchar, period_start date, period_end date, operator varchar not null, low double,
    high double, first_figure double, second_figure double, cases varchar, size varchar, device varchar,
    tolerance_class varchar,
    primary key (claim_id, place)
);
create table ref.claim_tolerance (
    tolerance_class varchar primary key, rule varchar not null, reason varchar not null, within double, low_factor double,
    high_factor double, effect_low_factor double, effect_high_factor double, slack double, fail_slack double,
    margin double, needs_date boolean not null
);
create table ref.claim_frame (
    topic varchar not null, name varchar not null, claims varchar[] not null, words varchar not null,
    primary key (topic, name)
);
-- The rows of adoption and pairwise that a test asks for, as they stand when a release is published.
create table core.claim_figure (
    series_id varchar, population varchar, period_start date, period_end date, framework varchar, n bigint, base bigint,
    share double, interval_low double, interval_high double, interval_method varchar, bound_low double, break_id varchar,
    as_of date, source_id varchar, is_preliminary boolean
);
create table core.claim_pair (
    series_id varchar, population varchar, period_start date, period_end date, first varchar, second varchar,
    first_place bigint, first_n bigint, second_n bigint, base bigint, subjects_count bigint, first_share double,
    interval_low double, interval_high double, interval_method varchar, leader varchar, break_id varchar, as_of date,
    source_id varchar, is_preliminary boolean
);
