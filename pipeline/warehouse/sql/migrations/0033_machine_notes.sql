-- What is known to be off about another machine's figures, in sentences; null where nothing is.
alter table core.machine add column notes varchar;
