-- Grain: one row per source, subject, tier, framework and ruleset.
-- A subject that names several frameworks has several rows.
create or replace view main.paper_labels as
select
    subject_id,
    paper_id,
    venue,
    subject_year,
    repository,
    is_official,
    tier,
    framework,
    ruleset_id,
    seen_at::date as as_of,
    source_id
from core.paper_label;

comment on view main.paper_labels is 'Framework labels of single papers and of repositories linked from papers, with what each label rests on. A paper without a row is unknown, not without a framework.';
comment on column main.paper_labels.subject_id is 'What is labelled: a paper, or a paper and a repository joined by |.';
comment on column main.paper_labels.paper_id is 'The paper: an arXiv identifier, the publisher''s own name, or venue, year and the publisher''s identifier.';
comment on column main.paper_labels.venue is 'The venue; null where the publisher gives none.';
comment on column main.paper_labels.subject_year is 'Year of the paper; null where unknown.';
comment on column main.paper_labels.repository is 'owner/name in lower case for labels of linked code; null for labels of the paper''s text.';
comment on column main.paper_labels.is_official is 'Whether the linked code is the authors'' own; null for labels of the paper''s text.';
comment on column main.paper_labels.tier is 'mention: the text names it; import, dependency: the code does; code_label: a publisher''s own label of the code.';
comment on column main.paper_labels.framework is 'Framework, or none: looked at, nothing recognised.';
comment on column main.paper_labels.ruleset_id is 'The rules that made the label.';
comment on column main.paper_labels.as_of is 'Day on which the label was seen.';
comment on column main.paper_labels.source_id is 'Where the label comes from.';
