-- Grain: one row per subject, day, file, ruleset, tier, framework, position, rule, section and stance.
-- What single files do with what they import (tier use) is what own frameworks are told from; it is not shown.
create or replace view main.evidence_history as
select
    file.subject_id,
    file.observed_on,
    file.path,
    found.tier,
    found.framework,
    found.span,
    found.position,
    found.place,
    found.rule_id,
    file.ruleset_id,
    found.section,
    found.stance,
    found.section = 'body' and found.stance = 'plain' as is_counted,
    found.backend,
    found.role,
    file.page_sha256 as content_sha256,
    newest.seen_at is not null as is_newest,
    file.seen_at::date as as_of
from core.scanned_file file
join core.evidence found
  on found.page_sha256 = file.page_sha256 and found.reading = file.reading and found.ruleset_id = file.ruleset_id
left join newest_sight() newest
  on newest.subject_id = file.subject_id and newest.ruleset_id = file.ruleset_id
  and newest.observed_on = file.observed_on and newest.seen_at = file.seen_at
where found.tier <> 'use'
union all by name
select
    own.subject_id, own.observed_on, own.path, 'own' as tier, own.framework, own.span, own.position, own.place,
    own.rule_id, own.ruleset_id, 'body' as section, 'plain' as stance, own.state <> 'undecided' as is_counted,
    null as backend, own.page_sha256 as content_sha256, newest.seen_at is not null as is_newest,
    own.seen_at::date as as_of
from core.own_framework own
left join newest_sight() newest
  on newest.subject_id = own.subject_id and newest.ruleset_id = own.ruleset_id
  and newest.observed_on = own.observed_on and newest.seen_at = own.seen_at;

comment on view main.evidence_history is 'Everything that scans found, once for each day as of which a subject was seen; the view evidence shows the newest sight alone.';
comment on column main.evidence_history.subject_id is 'The paper or repository.';
comment on column main.evidence_history.observed_on is 'Day as of which it was seen.';
comment on column main.evidence_history.path is 'File within the subject.';
comment on column main.evidence_history.tier is 'mention: a text names it; link: the address behind a link of a page or PDF names it; import: code imports it; dependency: a dependency file declares it; locked: a lock file holds it; workflow: continuous integration installs it; documented: a README says to install it; own: the repository''s own code is written in it, copied and incidental code set aside (framework none: in none, shown at its first code file).';
comment on column main.evidence_history.framework is 'Framework.';
comment on column main.evidence_history.span is 'The words that show it, as written.';
comment on column main.evidence_history.position is 'Characters from the start of the text; for code, of the line it stands on.';
comment on column main.evidence_history.place is 'The same for people: page, line, or cell and line.';
comment on column main.evidence_history.rule_id is 'The rule that found it: framework, kind of rule and word.';
comment on column main.evidence_history.ruleset_id is 'The rules under which the file was scanned; history can be scanned under several.';
comment on column main.evidence_history.section is 'body, or bibliography: the name stands in the list of references.';
comment on column main.evidence_history.stance is 'plain; negated: named as not used; likeness: something is likened to it; undecided: the name is shared by two frameworks and the words around do not tell which, so there is a row for each and none counts.';
comment on column main.evidence_history.is_counted is 'Whether it counts as naming the framework as used: in the body and plainly; of own, whether it is decided.';
comment on column main.evidence_history.backend is 'For a front-end in code: the framework it runs on, or unresolved where the file does not show it; null for all others.';
comment on column main.evidence_history.role is 'Of a plain mention in the body: used, compared, built-upon (others built on it), could-be-used, or named; null where none is told.';
comment on column main.evidence_history.content_sha256 is 'SHA-256 of the file''s bytes.';
comment on column main.evidence_history.as_of is 'Day on which the file was scanned.';
comment on column main.evidence_history.is_newest is 'Whether it is of the newest sight of its subject under these rules, which the view evidence shows.';

-- What one scan came across, under its rules and at its moment, which all rows of one scan carry as seen_at.
create or replace macro evidence_found_in(rulesets, scanned_at) as table
select
    subject_id, path, tier, framework, span, place, position, section, stance, is_counted, backend, rule_id, ruleset_id
from main.evidence_history
join (
    select subject_id, observed_on, path, ruleset_id from core.scanned_file
    where list_contains(rulesets, ruleset_id) and seen_at = scanned_at
) scanned using (subject_id, observed_on, path, ruleset_id);

-- Its papers and repositories, those that could not be read among them.
create or replace macro subjects_scanned_in(rulesets, scanned_at) as table
select distinct subject_id
from core.scanned_file
join core.scanned_subject subject using (subject_id, observed_on)
where subject.kind <> 'folder' and list_contains(rulesets, ruleset_id) and scanned_file.seen_at = scanned_at;

-- In how many of these each tier counts each framework, in words.
create or replace macro frameworks_found_in_words(rulesets, scanned_at) as table
select format('{}: {} in {}', tier, framework, count(distinct subject_id)) as sentence
from evidence_found_in(rulesets, scanned_at)
where is_counted and subject_id in (select subject_id from subjects_scanned_in(rulesets, scanned_at))
group by tier, framework
order by tier, count(distinct subject_id) desc, framework;
