-- Systems of MLPerf's newest training rounds, each with the frameworks that its description names.
create table core.competition_system (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    competition varchar not null, round varchar not null, round_year integer not null, system varchar not null,
    label_set varchar not null, entries_count integer not null,
    primary key (source_id, competition, round, system)
);
