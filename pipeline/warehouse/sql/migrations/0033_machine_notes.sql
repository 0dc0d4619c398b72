-- What is known to be off about another machine's figures, in sentences; null where nothing is.
alter table core.machine add column notes varchar;
-- The shipped source that its figures came with; null for any other machine.
alter table core.machine add column source_id varchar;
