-- What the code of a scanned repository itself is written in: of a folder or archive as a whole, not of one content, so
-- it stands beside core.evidence. Made by pipeline.jobs.scan at each scan.
create table core.own_framework (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    subject_id varchar not null, observed_on date not null, ruleset_id varchar not null, framework varchar not null,
    state varchar not null, share_fraction double not null, files_count bigint not null,
    path varchar not null, rule_id varchar not null, span varchar not null, position bigint not null,
    place varchar not null,
    primary key (subject_id, observed_on, ruleset_id, framework)
);
