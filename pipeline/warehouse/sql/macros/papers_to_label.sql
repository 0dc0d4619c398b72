-- Collected papers that were not read under a ruleset since the service last sent them, with the text to read. A paper is
-- read once under one ruleset, and again when the service sends it anew; one without a name has a label too.
create or replace macro papers_to_label(of_ruleset) as table
select
    source_id, paper_id as subject_id, paper_id, page_sha256, seen_at, venue,
    coalesce(nullif(edition_year, 0), year(submitted_on)) as subject_year,
    concat_ws(chr(10) || chr(10), nullif(title, ''), nullif(abstract, ''), nullif(comment, '')) as text
from core.paper paper
where not exists (
    select 1 from core.paper_label label
    where label.source_id = paper.source_id and label.paper_id = paper.paper_id
      and label.tier = 'mention' and label.ruleset_id = of_ruleset and label.seen_at >= paper.seen_at
);
