-- Evidence by content: the same bytes, read in the same way under the same rules, are scanned once. page_sha256 is the
-- content, and core.scanned_file says which files of which subjects hold it on which day.
create table core.evidence (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    reading varchar not null, ruleset_id varchar not null, tier varchar not null, framework varchar not null,
    rule_id varchar not null, span varchar not null, position bigint not null, place varchar not null,
    section varchar not null, stance varchar not null, backend varchar,
    primary key (page_sha256, reading, ruleset_id, tier, framework, position, rule_id, section, stance)
);

create table core.scanned_file (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    subject_id varchar not null, observed_on date not null, path varchar not null, ruleset_id varchar not null,
    reading varchar not null, size_bytes bigint not null, outcome varchar not null, reason varchar,
    findings_count bigint not null,
    primary key (subject_id, observed_on, path, ruleset_id)
);

-- Asked for every file of a scan: has this content been scanned before?
create index scanned_file_content on core.scanned_file (page_sha256);

-- Truth against one detector's word, one row a subject and framework; is_true is null where nobody knows.
create table core.detector_label (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    label_set varchar not null, subject_id varchar not null, subject_year integer, framework varchar not null,
    tier varchar not null, ruleset_id varchar not null, is_true boolean, is_detected boolean not null,
    primary key (source_id, label_set, subject_id, framework, tier, ruleset_id)
);

-- Made by pipeline.estimate from core.detector_label at each audit; formulae need more than SQL.
create table core.derived_corrected_share (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    label_set varchar not null, subject_year integer, framework varchar not null, tier varchar not null,
    ruleset_id varchar not null, estimand varchar not null, method varchar not null,
    labelled_count integer not null, unlabelled_count integer not null,
    raw_share double not null, raw_low double not null, raw_high double not null,
    corrected_share double not null, corrected_low double not null, corrected_high double not null,
    labelled_share double not null,
    primary key (source_id, label_set, framework, tier, ruleset_id, estimand, method)
);
