-- Grain: one row per tier and framework.
create or replace view main.paper_scanner_agreement as
with reading as (
    select
        source_id, seen_at::date as as_of,
        unnest([
            {'tier': 'import', 'truth': string_split(imports, '|'), 'scanned': string_split(scanner_imports, '|')},
            {'tier': 'dependency', 'truth': string_split(declared, '|'), 'scanned': string_split(scanner_declared, '|')}
        ], recursive := true)
    from core.sampled_repository
    where labelled_by = 'reading'
),
label as (
    select
        source_id, as_of, tier, truth, scanned, unnest(list_distinct(list_concat(truth, scanned))) as framework
    from reading
),
counted as (
    select
        source_id, tier, framework, max(as_of) as as_of,
        count(*) filter (where list_contains(truth, framework) and list_contains(scanned, framework)) as both_count,
        count(*) filter (where not list_contains(scanned, framework)) as missed_count,
        count(*) filter (where not list_contains(truth, framework)) as invented_count
    from label
    where framework <> ''
    group by source_id, tier, framework
)
select
    tier, framework, both_count, missed_count, invented_count,
    (select count(*) from core.sampled_repository read
     where read.source_id = counted.source_id and read.labelled_by = 'reading') as repositories_count,
    both_count / (both_count + missed_count + invented_count) as agreement_share,
    as_of, source_id
from counted;

comment on view main.paper_scanner_agreement is 'How this project''s scanner agrees with the independent reading of those sampled paper repositories that were drawn first; what was drawn later carries its own labels.';
comment on column main.paper_scanner_agreement.tier is 'import: code imports it; dependency: a dependency file or an install line declares it.';
comment on column main.paper_scanner_agreement.framework is 'Framework, as labelled.';
comment on column main.paper_scanner_agreement.both_count is 'Repositories for which both say so.';
comment on column main.paper_scanner_agreement.missed_count is 'Repositories for which the reading alone says so.';
comment on column main.paper_scanner_agreement.invented_count is 'Repositories for which the scanner alone says so.';
comment on column main.paper_scanner_agreement.repositories_count is 'Repositories that both have read.';
comment on column main.paper_scanner_agreement.agreement_share is 'both_count among the repositories for which either says so, 0 to 1.';
comment on column main.paper_scanner_agreement.as_of is 'Day of the newest draw; the scanner is that of commit b730fac.';
comment on column main.paper_scanner_agreement.source_id is 'Where the sample comes from.';
