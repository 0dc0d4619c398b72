-- Grain: one row per subject, file, ruleset, tier, framework, position, rule, section and stance.
create or replace view main.evidence as
select
    subject_id,
    observed_on,
    path,
    tier,
    framework,
    span,
    position,
    place,
    rule_id,
    ruleset_id,
    section,
    stance,
    is_counted,
    backend,
    role,
    content_sha256,
    as_of
from main.evidence_history
where is_newest;

comment on view main.evidence is 'Which frameworks scanned papers and repositories name, import, declare and are written in, with the words that show it: the newest sight of each subject alone, so that scanning again adds nothing; evidence_history holds the days before. A file in scanned_files without evidence was read and names none; one that was not read is unknown.';
comment on column main.evidence.subject_id is 'The paper or repository.';
comment on column main.evidence.observed_on is 'Day as of which it was seen.';
comment on column main.evidence.path is 'File within the subject.';
comment on column main.evidence.tier is 'mention: a text names it; link: the address behind a link of a page or PDF names it; import: code imports it; dependency: a dependency file declares it; locked: a lock file holds it; workflow: continuous integration installs it; documented: a README says to install it; own: the repository''s own code is written in it, copied and incidental code set aside (framework none: in none, shown at its first code file).';
comment on column main.evidence.framework is 'Framework.';
comment on column main.evidence.span is 'The words that show it, as written.';
comment on column main.evidence.position is 'Characters from the start of the text; for code, of the line it stands on.';
comment on column main.evidence.place is 'The same for people: page, line, or cell and line.';
comment on column main.evidence.rule_id is 'The rule that found it: framework, kind of rule and word.';
comment on column main.evidence.ruleset_id is 'The rules under which the file was scanned; history can be scanned under several.';
comment on column main.evidence.section is 'body, or bibliography: the name stands in the list of references.';
comment on column main.evidence.stance is 'plain; negated: named as not used; likeness: something is likened to it; undecided: the name is shared by two frameworks and the words around do not tell which, so there is a row for each and none counts.';
comment on column main.evidence.is_counted is 'Whether it counts as naming the framework as used: in the body and plainly; of own, whether it is decided.';
comment on column main.evidence.backend is 'For a front-end in code: the framework it runs on, or unresolved where the file does not show it; null for all others.';
comment on column main.evidence.role is 'Of a plain mention in the body: used, compared, built-upon (others built on it), could-be-used, or named; null where none is told.';
comment on column main.evidence.content_sha256 is 'SHA-256 of the file''s bytes.';
comment on column main.evidence.as_of is 'Day on which the file was scanned.';
