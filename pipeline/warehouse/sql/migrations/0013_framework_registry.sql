-- What the registry of frameworks knows beside a title. The rows are replaced at every load of the reference lists.
alter table ref.framework add column kind varchar default 'framework';
alter table ref.framework add column place integer;
alter table ref.framework add column runs_on varchar[] default [];
-- is_summed marks the members of a family; is_asked_for those that the sources of downloads ask about.
alter table ref.framework_package add column is_summed boolean default true;
alter table ref.framework_package add column is_asked_for boolean default false;
