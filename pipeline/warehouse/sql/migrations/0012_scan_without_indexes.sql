-- DuckDB holds what was written to an index in memory, beyond its memory limit: 1.3 kB for each file of a scan. So the
-- two tables of a scan have none. Their grains are those of Evidence.key and ScannedFile.key; pipeline.warehouse.scanned
-- keeps them, with an index on the disk that lasts for one scan.
create table core.evidence_unindexed (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    reading varchar not null, ruleset_id varchar not null, tier varchar not null, framework varchar not null,
    rule_id varchar not null, span varchar not null, position bigint not null, place varchar not null,
    section varchar not null, stance varchar not null, backend varchar
);
insert into core.evidence_unindexed by name
select
    source_id, page_sha256, seen_at, reading, ruleset_id, tier, framework, rule_id, span, position, place, section,
    stance, backend
from core.evidence;
drop table core.evidence;
alter table core.evidence_unindexed rename to evidence;

create table core.scanned_file_unindexed (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    subject_id varchar not null, observed_on date not null, path varchar not null, ruleset_id varchar not null,
    reading varchar not null, size_bytes bigint not null, outcome varchar not null, reason varchar,
    findings_count bigint not null
);
insert into core.scanned_file_unindexed by name
select
    source_id, page_sha256, seen_at, subject_id, observed_on, path, ruleset_id, reading, size_bytes, outcome, reason,
    findings_count
from core.scanned_file;
drop index core.scanned_file_content;
drop table core.scanned_file;
alter table core.scanned_file_unindexed rename to scanned_file;
