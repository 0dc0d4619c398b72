-- Grain: one row per public view and column, and per view of the schemas metric, in which a series is calculated, and
-- claim_test, in which a kind of claim is tested.
create or replace view main.dictionary as
with shape as (
    select
        database_name, case table_name when 'claim_evidence' then 'claim_test' else 'metric' end as schema_name,
        column_name, any_value(comment) as comment
    from duckdb_columns()
    where (schema_name, table_name) in (('main', 'adoption'), ('metric', 'figures'), ('main', 'claim_evidence'))
      and comment is not null
    group by database_name, 2, column_name
)
select
    case shown.schema_name when 'main' then '' else shown.schema_name || '.' end || shown.view_name as view_name,
    shown.comment as view_comment,
    view_column.column_index::integer as column_position,
    view_column.column_name,
    view_column.data_type as column_type,
    coalesce(view_column.comment, shape.comment) as column_comment
from duckdb_views() shown
join duckdb_columns() view_column
  on view_column.database_name = shown.database_name
 and view_column.schema_name = shown.schema_name
 and view_column.table_name = shown.view_name
-- A view of a series comments the columns whose meaning is its own; the others mean what they mean in adoption, and those
-- of a kind of test what they mean in claim_evidence.
left join shape
  on shape.schema_name = shown.schema_name and shape.database_name = shown.database_name
 and shape.column_name = view_column.column_name
where not shown.internal and shown.database_name = current_database() and shown.schema_name in ('main', 'metric', 'claim_test');

comment on view main.dictionary is 'Every public view and column with its type and meaning, the views metric.* with what n, base and bounds mean in each series, and claim_test.* with what each kind of test asks.';
comment on column main.dictionary.view_name is 'The view; metric.* are the parts of adoption, before intervals and segments are added, claim_test.* those of claim_evidence.';
comment on column main.dictionary.view_comment is 'What the view shows.';
comment on column main.dictionary.column_position is 'Place of the column in the view, from 1.';
comment on column main.dictionary.column_name is 'The column.';
comment on column main.dictionary.column_type is 'Its type in DuckDB.';
comment on column main.dictionary.column_comment is 'What it holds, and when it is null.';
