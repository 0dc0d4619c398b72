-- What a shipped source was loaded from, and what the tables held of it then: while neither has changed, loading it
-- again would change nothing.
create table ops.loaded_archive (source_id varchar primary key, state varchar not null);
