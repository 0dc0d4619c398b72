-- Grain: one row per subject, day, file and ruleset.
create or replace view main.scanned_files as
select
    file.subject_id,
    file.observed_on,
    file.path,
    file.ruleset_id,
    split_part(reading, ':', 1) as kind,
    size_bytes,
    outcome,
    outcome = 'read' as is_read,
    reason,
    findings_count,
    page_sha256 as content_sha256,
    newest.seen_at is not null as is_newest,
    file.seen_at::date as as_of
from core.scanned_file file
left join newest_sight() newest
  on newest.subject_id = file.subject_id and newest.ruleset_id = file.ruleset_id
  and newest.observed_on = file.observed_on and newest.seen_at = file.seen_at;

comment on view main.scanned_files is 'Every file that was scanned and how it went: whatever could not be read is listed with its reason.';
comment on column main.scanned_files.subject_id is 'The paper or repository.';
comment on column main.scanned_files.observed_on is 'Day as of which it was seen.';
comment on column main.scanned_files.path is 'File within the subject.';
comment on column main.scanned_files.ruleset_id is 'The rules under which it was scanned.';
comment on column main.scanned_files.kind is 'What the file was taken for, by its name or else by its first bytes; unknown: it was not read.';
comment on column main.scanned_files.size_bytes is 'Size in bytes.';
comment on column main.scanned_files.outcome is 'read, or why not: empty, encrypted, broken, no-text, not-text, too-large, refused, timed-out, crashed, unsupported, unreachable, out-of-memory, or passed-over: neither text nor code.';
comment on column main.scanned_files.is_read is 'Whether it was read to its end.';
comment on column main.scanned_files.reason is 'Why it was not read; null where it was.';
comment on column main.scanned_files.findings_count is 'Places at which a framework was found; of many in one role the first ones are kept as evidence.';
comment on column main.scanned_files.content_sha256 is 'SHA-256 of the file''s bytes; zeros where they were not read.';
comment on column main.scanned_files.is_newest is 'Whether it is of the newest sight of its subject under these rules; files that a later scan no longer met are not.';
comment on column main.scanned_files.as_of is 'Day on which it was scanned.';
