-- Keeping an index over five texts takes a sixth of the time in which a million labels of papers are loaded, and most of
-- the memory. The loader keeps the grain, PaperLabel.key.
create table core.paper_label_unindexed (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    subject_id varchar not null, paper_id varchar not null, venue varchar, subject_year integer,
    repository varchar, is_official boolean, tier varchar not null, framework varchar not null,
    ruleset_id varchar not null
);
insert into core.paper_label_unindexed by name
select
    source_id, page_sha256, seen_at, subject_id, paper_id, venue, subject_year, repository, is_official, tier,
    framework, ruleset_id
from core.paper_label;
drop table core.paper_label;
alter table core.paper_label_unindexed rename to paper_label;
