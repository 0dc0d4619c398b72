-- The scan in which each subject was seen as of its latest day, per ruleset; of several on that day the last one. All
-- rows of one scan carry the same moment as seen_at.
create or replace macro newest_sight() as table
select
    subject_id,
    ruleset_id,
    max(row(observed_on, seen_at))[1] as observed_on,
    max(row(observed_on, seen_at))[2] as seen_at
from core.scanned_file
group by subject_id, ruleset_id;

-- The files of each subject's newest sight that can be told to be unchanged without opening them, by their stamp, but for
-- those with an outcome that another attempt may turn.
create or replace macro files_to_pass_by(of_ruleset, unfinished) as table
select
    file.subject_id, file.path, file.stamp, file.size_bytes, file.page_sha256, file.reading, file.outcome,
    file.reason, file.findings_count, file.document_year,
    array_to_string(file.repository_links, ' ') as repository_links
from core.scanned_file file
join newest_sight() newest
  on newest.subject_id = file.subject_id and newest.ruleset_id = file.ruleset_id
  and newest.observed_on = file.observed_on and newest.seen_at = file.seen_at
where file.ruleset_id = of_ruleset and file.stamp is not null and not list_contains(unfinished, file.outcome);
