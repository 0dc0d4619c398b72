-- Releases around which the counts are looked at: fixed by hand, before any figure is.
alter table ref.event add column is_studied boolean;
