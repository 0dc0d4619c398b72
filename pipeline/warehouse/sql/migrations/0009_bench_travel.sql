-- Machines whose results came in a file, e.g. a colleague's: kept apart from this one's, whatever the file says.
alter table core.machine add column is_imported boolean default false;
