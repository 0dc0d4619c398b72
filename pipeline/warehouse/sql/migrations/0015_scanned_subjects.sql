-- The subject that a file belongs to, as its scan found it or a list gave it. Like the other tables of a scan it has no
-- index: pipeline.warehouse.scanned keeps its grain, which is that of ScannedSubject.key.
create table core.scanned_subject (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    subject_id varchar not null, observed_on date not null, kind varchar not null, found_by varchar not null,
    year integer, year_origin varchar, venue varchar, repository varchar
);

-- What a file's own content says of its subject, and what tells a file that did not change without reading it.
alter table core.scanned_file add column stamp varchar;
alter table core.scanned_file add column document_year integer;
alter table core.scanned_file add column repository_links varchar[];
