-- Which migrations were applied; made before the first of them.
create schema if not exists ops;
create table if not exists ops.migration (
    name varchar primary key, sha256 varchar not null, applied_at timestamp not null
);
