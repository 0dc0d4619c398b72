-- What tells whether a tool is still developed: pushes to its repository, and what its makers say of its end.
alter table core.repository_day add column pushed_on date;
alter table ref.event add column framework varchar;
alter table ref.event add column is_end boolean;
create table ref.registered_repository (repository varchar primary key, framework varchar not null, role varchar not null);
