-- A run may pass midnight: its figures are judged against the moment at which they were checked.
alter table ops.run add column checked_at timestamp;

-- Values that are not believed, each kept with its row until a later run repeats it or a person accepts it.
create table ops.held_value (
    source_id varchar not null, window_id varchar not null, table_name varchar not null,
    row_key varchar not null,                 -- the row's own key, as JSON
    question varchar not null,                -- what was asked, as JSON: the same for every day of asking
    quantity varchar not null,                -- the field that is held back
    found_count bigint not null, last_good_count bigint not null,
    reason varchar not null, held_at timestamp not null,
    primary key (source_id, table_name, row_key, quantity)
);

-- How often each live source is asked; one that was asked within this is not stale.
create table ops.source_rhythm (source_id varchar primary key, days_count integer not null);
