-- Grain: one row per series, month and drawn repository.
-- A front-end stands for the framework that it runs on first: Keras for TensorFlow, Flax for JAX.
create or replace view main.drawn_paper_code as
with reading as (
    select unnest([
        {'series_id': 'papers.code_own_framework', 'tier': 'own'},
        {'series_id': 'papers.code_imports', 'tier': 'import'},
        {'series_id': 'papers.code_dependencies', 'tier': 'dependency'}
    ], recursive := true)
),
named as (
    select
        reading.series_id, reading.tier, drawn.month_start, drawn.repository, drawn.inclusion_fraction, drawn.outcome,
        drawn.reason, drawn.archive_bytes, drawn.snapshot_commit, drawn.own_state, drawn.ruleset_id, drawn.seen_at,
        drawn.source_id,
        list(distinct label.framework) filter (where label.framework is not null) as frameworks,
        list(distinct case known.kind when 'front-end' then known.runs_on[1] else label.framework end)
            filter (where known.is_deep_learning and known.kind in ('framework', 'front-end')) as families
    from core.drawn_repository drawn
    cross join reading
    left join core.drawn_code_label label
      on label.source_id = drawn.source_id and label.month_start = drawn.month_start
     and label.repository = drawn.repository and label.tier = reading.tier
    left join ref.framework known on known.framework = label.framework
    group by all
)
select
    series_id,
    month_start,
    repository,
    inclusion_fraction,
    outcome,
    reason,
    archive_bytes,
    snapshot_commit,
    coalesce(tier = 'own' and own_state = 'undecided', false) as is_undecided,
    coalesce(list_sort(frameworks), []) as frameworks,
    coalesce(list_sort(families), []) as families,
    ruleset_id,
    seen_at::date as as_of,
    source_id
from named;

comment on view main.drawn_paper_code is 'What the repositories that were drawn from the newest papers are written in, import and declare; their code is not kept.';
comment on column main.drawn_paper_code.series_id is 'papers.code_own_framework: what the code itself is written in; papers.code_imports: what any of it imports; papers.code_dependencies: what it declares.';
comment on column main.drawn_paper_code.month_start is 'First day of the month of the paper.';
comment on column main.drawn_paper_code.repository is 'owner/name on GitHub, as the paper writes it.';
comment on column main.drawn_paper_code.inclusion_fraction is 'Its place in the random order; see paper_code_frame.';
comment on column main.drawn_paper_code.outcome is 'with code, no code (a project page or nothing released), or not obtained.';
comment on column main.drawn_paper_code.reason is 'Why there is no code or it was not obtained.';
comment on column main.drawn_paper_code.archive_bytes is 'Size of the archive that was read and dropped.';
comment on column main.drawn_paper_code.snapshot_commit is 'The newest commit on the day of reading, as the archive names it.';
comment on column main.drawn_paper_code.is_undecided is 'Whether the rules cannot tell what the code itself is written in.';
comment on column main.drawn_paper_code.frameworks is 'The labels as they were found; empty where there are none.';
comment on column main.drawn_paper_code.families is 'The deep-learning frameworks among them, a front-end counted as what it runs on first.';
comment on column main.drawn_paper_code.ruleset_id is 'The rules that it was read by.';
comment on column main.drawn_paper_code.as_of is 'Day of the reading.';
comment on column main.drawn_paper_code.source_id is 'Where the code was had from.';
