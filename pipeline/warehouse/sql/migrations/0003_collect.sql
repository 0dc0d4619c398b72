-- Live collection: which pages records came from, how far each source has been collected, and what is kept apart.
create table ops.page (
    source_id varchar not null, page_sha256 varchar not null, address varchar not null,
    status integer not null, content_type varchar not null, size_bytes bigint not null,
    fetched_at timestamp not null,
    primary key (source_id, page_sha256)
);

-- One row a window of a source: what was last loaded of it. Written after the window's rows.
create table ops.checkpoint (
    source_id varchar not null, window_id varchar not null, walk_id varchar not null,
    content_sha256 varchar not null,          -- over its pages and the parser's version: equal means nothing to load
    records_count integer not null, rejects_count integer not null,
    profile json not null,                    -- by table: rows, and how often each nullable field is filled
    is_final boolean not null,                -- the window had settled when it was asked for: it is not asked for again
    checked_at timestamp not null,
    primary key (source_id, window_id)
);

-- Batches that must not replace what is published until somebody has looked at them.
create table ops.quarantine (
    source_id varchar not null, window_id varchar not null, walk_id varchar not null,
    reason varchar not null, records_count integer not null, set_aside_at timestamp not null,
    primary key (source_id, window_id)
);
create table ops.quarantined_row (
    source_id varchar not null, window_id varchar not null, row_number integer not null,
    table_name varchar not null, content json not null,
    primary key (source_id, window_id, row_number)
);
