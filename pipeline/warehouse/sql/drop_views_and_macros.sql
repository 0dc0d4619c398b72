-- The statements that drop all views and macros of this database, and what a release that it was made of had settled.
select 'drop schema if exists settled cascade' as statement
union all
select format('drop view "{}"."{}"', schema_name, view_name)
from duckdb_views() where not internal and database_name = current_database()
union all
select distinct format(
    'drop macro {} "{}"."{}"', if(function_type = 'table_macro', 'table', ''), schema_name, function_name
)
from duckdb_functions()
where not internal and database_name = current_database() and function_type in ('macro', 'table_macro')
