-- Grain: one row a public view and column.
create or replace view main.dictionary as
select
    public_view.view_name,
    public_view.comment as view_comment,
    view_column.column_index::integer as column_position,
    view_column.column_name,
    view_column.data_type as column_type,
    view_column.comment as column_comment
from duckdb_views() public_view
join duckdb_columns() view_column
  on view_column.database_name = public_view.database_name
 and view_column.schema_name = public_view.schema_name
 and view_column.table_name = public_view.view_name
where not public_view.internal
  and public_view.database_name = current_database()
  and public_view.schema_name = 'main';

comment on view main.dictionary is 'Every public view and column with its type and meaning.';
comment on column main.dictionary.view_name is 'The view.';
comment on column main.dictionary.view_comment is 'What the view shows.';
comment on column main.dictionary.column_position is 'Place of the column in the view, from 1.';
comment on column main.dictionary.column_name is 'The column.';
comment on column main.dictionary.column_type is 'Its type in DuckDB.';
comment on column main.dictionary.column_comment is 'What it holds, and when it is null.';
