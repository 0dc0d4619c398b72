-- Grain: one row per subject and ruleset: its newest sight.
create or replace view main.scanned_subjects as
with sight as (
    select
        file.subject_id, file.ruleset_id, file.observed_on, max(file.seen_at) as seen_at,
        count(*) as files_count,
        count(*) filter (where file.outcome = 'read') as read_files_count,
        count(*) filter (where file.outcome not in ('read', 'empty', 'passed-over')) as unread_files_count,
        max(file.document_year) as document_year,
        list_distinct(flatten(list(file.repository_links) filter (where file.repository_links is not null))) as links
    from core.scanned_file file
    join newest_sight() newest
      on newest.subject_id = file.subject_id and newest.ruleset_id = file.ruleset_id
      and newest.observed_on = file.observed_on and newest.seen_at = file.seen_at
    group by file.subject_id, file.ruleset_id, file.observed_on
),
known as (
    select
        sight.subject_id, sight.ruleset_id, sight.observed_on, sight.seen_at, sight.files_count,
        sight.read_files_count, sight.unread_files_count, sight.document_year, sight.links,
        coalesce(subject.kind, 'repository') as kind, subject.found_by, subject.year, subject.year_origin, subject.venue,
        subject.repository
    from sight
    left join core.scanned_subject subject
      on subject.subject_id = sight.subject_id and subject.observed_on = sight.observed_on
    where subject.kind is distinct from 'folder'
),
-- A repository's own addresses: the one that its clone or its list names, and that of a name like owner/name.
address as (
    select subject_id, ruleset_id, repository as link from known where kind = 'repository' and repository is not null
    union
    select subject_id, ruleset_id, 'github.com/' || lower(subject_id) as link from known where kind = 'repository'
    union
    select subject_id, ruleset_id, lower(subject_id) as link from known where kind = 'repository'
),
named as (
    select subject_id, ruleset_id, unnest(links) as link from known where kind = 'paper' and repository is null
),
joined as (
    select known.subject_id, known.ruleset_id, address.subject_id as repository_subject, 'metadata' as origin
    from known
    join address on address.link = lower(known.repository) and address.ruleset_id = known.ruleset_id
    where known.kind = 'paper'
    union
    select named.subject_id, named.ruleset_id, address.subject_id as repository_subject, 'text' as origin
    from named
    join address on address.link = named.link and address.ruleset_id = named.ruleset_id
),
-- A paper that names several of the scanned repositories is joined to none of them.
only_one as (
    select subject_id, ruleset_id, min(repository_subject) as repository_subject, min(origin) as origin
    from joined
    group by subject_id, ruleset_id
    having count(distinct repository_subject) = 1
)
select
    known.subject_id,
    known.ruleset_id,
    known.kind,
    known.observed_on,
    coalesce(known.year, case when known.kind = 'paper' then known.document_year end) as year,
    case
        when known.year is not null then known.year_origin
        when known.kind = 'paper' and known.document_year is not null then 'pdf-date'
    end as year_origin,
    known.venue,
    known.repository,
    only_one.repository_subject,
    only_one.origin as repository_origin,
    known.found_by,
    known.files_count,
    known.read_files_count,
    known.unread_files_count,
    known.read_files_count > 0 as is_read,
    known.seen_at::date as as_of
from known
left join only_one on only_one.subject_id = known.subject_id and only_one.ruleset_id = known.ruleset_id;

comment on view main.scanned_subjects is 'Every paper and repository that was scanned, as it was last seen: the units of counting, with the year and venue by which they are counted. Those of which nothing was read are no silent subjects but non-response.';
comment on column main.scanned_subjects.subject_id is 'The paper or repository.';
comment on column main.scanned_subjects.ruleset_id is 'The rules under which it was scanned.';
comment on column main.scanned_subjects.kind is 'paper or repository.';
comment on column main.scanned_subjects.observed_on is 'Day as of which it was seen.';
comment on column main.scanned_subjects.year is 'Calendar year of the paper or, where a list gives it, of the repository; null where nothing tells it.';
comment on column main.scanned_subjects.year_origin is 'Where the year comes from: metadata (a list of subjects), arxiv-id, or pdf-date (the latest of its PDF files, as they say themselves); null without a year.';
comment on column main.scanned_subjects.venue is 'Conference or journal, as a list of subjects gives it; null without one.';
comment on column main.scanned_subjects.repository is 'Address of the repository, a paper''s or its own, like github.com/owner/name, from a list of subjects or a clone''s configuration; null where unknown.';
comment on column main.scanned_subjects.repository_subject is 'The scanned repository that belongs to the paper; null where none or more than one was scanned.';
comment on column main.scanned_subjects.repository_origin is 'How it was joined: metadata (a list gives the address) or text (the paper holds it); null where it is not.';
comment on column main.scanned_subjects.found_by is 'Why it is taken for one subject: the file that marks it, its kind, or metadata; null for scans of older versions.';
comment on column main.scanned_subjects.files_count is 'Files met, read or not.';
comment on column main.scanned_subjects.read_files_count is 'Files read to their end.';
comment on column main.scanned_subjects.unread_files_count is 'Files that could not be read; empty ones and those that are neither text nor code are not among them.';
comment on column main.scanned_subjects.is_read is 'Whether any file was read.';
comment on column main.scanned_subjects.as_of is 'Day on which it was scanned.';
