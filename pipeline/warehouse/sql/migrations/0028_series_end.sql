-- Why a series has nothing newer than it holds; null where a service continues it.
alter table ref.series add column why_ended varchar;
