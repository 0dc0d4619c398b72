-- Repositories drawn at random from lists of papers, what their code was found to use, and the lists they came from.
create table core.sampling_frame (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    edition_year integer not null, venue varchar not null, research_field varchar not null,
    entries_count integer not null check (entries_count >= 0),
    primary key (source_id, edition_year, venue)
);

create table core.sampled_repository (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    edition_year integer not null, position integer not null, venue varchar not null, repository varchar not null,
    outcome varchar not null, reason varchar, snapshot_on date, snapshot_commit varchar,
    imports varchar not null, declared varchar not null, own_frameworks varchar not null,
    scanner_imports varchar not null, scanner_declared varchar not null,
    primary key (source_id, edition_year, position)
);

-- From how many subjects that name one of the two compared frameworks on a verdict may be given; null: from one.
alter table ref.series add column verdict_base integer;
