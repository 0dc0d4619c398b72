-- Every number that a release shows at its head: a row for each release in which it was new or another than before.
-- `restated_…`: what the period that was published before shows now, for what is counted in periods.
create table ops.publication (
    number_id varchar not null, release_id varchar not null, published_at timestamp, kind varchar not null,
    topic varchar, framework varchar, series_id varchar, population varchar, period_start date, period_end date,
    break_id varchar, figure varchar, value double, n bigint, base bigint, interval_low double, interval_high double,
    source_id varchar, ruleset_id varchar, as_of date, input_sha256 varchar,
    restated_value double, restated_n bigint, restated_base bigint, restated_ruleset_id varchar,
    primary key (number_id, release_id)
);
