-- Entries of a round that are kept apart: divisions, and what a program made. The key grows by the group, hence a new table.
create temporary table entry_before as
select source_id, page_sha256, seen_at, competition, round, round_year, label_set, entries_count
from core.competition_entry;
drop table core.competition_entry;
create table core.competition_entry (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    competition varchar not null, round varchar not null, round_year integer not null,
    entry_group varchar not null, label_set varchar not null, entries_count integer not null,
    primary key (source_id, competition, round, entry_group, label_set)
);
insert into core.competition_entry by name
select
    source_id, page_sha256, seen_at, competition, round, round_year, 'all entries' as entry_group, label_set,
    entries_count
from entry_before;
drop table entry_before;

-- The point of the debate that a framework or tool is named for; the rows are replaced at every load.
alter table ref.framework add column criterion varchar;
