-- A release keeps how each of its views was defined; the views become tables of this schema, one by one. The
-- transaction stays open. A warehouse that is made of the release has its views deployed anew.
begin;
drop macro if exists ops.views_digest;
create schema settled;
create table settled.definition as
    select schema_name || '.' || view_name as view, sql from duckdb_views()
    where not internal and database_name = current_database() order by view;
