-- The role in which a sentence names a framework; null for what no role is told of, and for what was found before.
alter table core.evidence add column role varchar;
