-- Subjects of a corpus that were drawn for labelling, and the probability of each: what was drawn more often counts less.
create table core.label_draw (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    label_set varchar not null, subject_id varchar not null, inclusion_fraction double not null,
    primary key (source_id, label_set, subject_id)
);

-- Made by pipeline.estimate at each audit: whether the labelled subjects are like the others.
create table core.derived_label_balance (
    source_id varchar not null, page_sha256 varchar not null, seen_at timestamp not null,
    label_set varchar not null, tier varchar not null, ruleset_id varchar not null, trait varchar not null,
    labelled_count integer not null, unlabelled_count integer not null,
    labelled_share double not null, compared_share double not null, is_weighted boolean not null,
    p_value double not null, adjusted_p_value double not null,
    primary key (source_id, label_set, tier, ruleset_id, trait)
);
