-- Repositories that papers of a month link to, drawn night by night; labels and places are kept, no code.
create table core.drawn_repository (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    month_start date not null, repository varchar not null, inclusion_fraction double not null,
    outcome varchar not null, reason varchar, archive_bytes bigint not null, snapshot_commit varchar,
    own_state varchar, ruleset_id varchar not null,
    primary key (source_id, month_start, repository)
);

create table core.drawn_code_label (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    month_start date not null, repository varchar not null, tier varchar not null, framework varchar not null,
    rule_id varchar not null, path varchar not null, position bigint not null, place varchar not null,
    primary key (source_id, month_start, repository, tier, framework)
);
