-- What is said of every view and of each of its columns, by the place that the statement `comment on` names.
create or replace macro comments_on_views() as table
select 'view ' || schema_name || '.' || view_name as place, comment from duckdb_views()
where not internal and database_name = current_database() and comment is not null
union all
select 'column ' || schema_name || '.' || table_name || '."' || column_name || '"', comment from duckdb_columns()
where not internal and database_name = current_database() and comment is not null;
