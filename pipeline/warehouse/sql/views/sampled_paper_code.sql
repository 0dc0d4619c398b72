-- Grain: one row per sampled repository, series of paper code and population.
-- A front-end stands for the framework that it runs on first: Keras for TensorFlow, Flax for JAX.
create or replace view main.sampled_paper_code as
with reading as (
    select
        source_id, edition_year, position, venue, repository, outcome, seen_at::date as as_of,
        unnest([
            {'series_id': 'papers.code_own_framework', 'labels': own_frameworks},
            {'series_id': 'papers.code_imports', 'labels': imports},
            {'series_id': 'papers.code_dependencies', 'labels': declared}
        ], recursive := true)
    from core.sampled_repository
),
label as (
    select
        source_id, edition_year, position, venue, repository, outcome, as_of, series_id,
        unnest(string_split(labels, '|')) as framework
    from reading
),
named as (
    select
        label.source_id, label.edition_year, label.position, label.venue, label.repository, label.outcome, label.as_of,
        label.series_id,
        list(distinct label.framework) filter (where label.framework <> '') as frameworks,
        list(distinct case known.kind when 'front-end' then known.runs_on[1] else label.framework end)
            filter (where known.is_deep_learning and known.kind in ('framework', 'front-end')) as families
    from label
    left join ref.framework known on known.framework = label.framework
    group by all
)
select
    named.source_id,
    named.series_id,
    unnest(['all', frame.research_field]) as population,
    named.edition_year,
    named.position,
    named.venue,
    named.repository,
    named.outcome,
    coalesce(list_sort(named.frameworks), []) as frameworks,
    coalesce(list_sort(named.families), []) as families,
    case
        when named.outcome <> 'with code' then named.outcome
        when list_has_all(named.families, compared_frameworks()) then 'both'
        when list_contains(named.families, compared_frameworks()[1]) then compared_frameworks()[1]
        when list_contains(named.families, compared_frameworks()[2]) then compared_frameworks()[2]
        when list_contains(named.families, 'jax') then 'jax'
        when len(named.families) > 0 then 'other'
        else 'none'
    end as state,
    named.as_of
from named
join core.sampling_frame frame
  on frame.source_id = named.source_id and frame.edition_year = named.edition_year and frame.venue = named.venue;

comment on view main.sampled_paper_code is 'What each paper repository drawn at random was found to be written in, to import and to declare.';
comment on column main.sampled_paper_code.source_id is 'Where the sample comes from.';
comment on column main.sampled_paper_code.series_id is 'papers.code_own_framework: what the paper''s own code is written in; papers.code_imports: what any of its code imports; papers.code_dependencies: what it declares.';
comment on column main.sampled_paper_code.population is 'all, and the field that its venue belongs to: vision, language or other.';
comment on column main.sampled_paper_code.edition_year is 'Year of the conference.';
comment on column main.sampled_paper_code.position is 'Its place in the random order of the year.';
comment on column main.sampled_paper_code.venue is 'The venue.';
comment on column main.sampled_paper_code.repository is 'owner/name on GitHub, as the list writes it.';
comment on column main.sampled_paper_code.outcome is 'with code, no code, or not obtained.';
comment on column main.sampled_paper_code.frameworks is 'The labels as they were found; empty where there are none.';
comment on column main.sampled_paper_code.families is 'The deep-learning frameworks among them, a front-end counted as what it runs on first.';
comment on column main.sampled_paper_code.state is 'Exactly one per repository: no code, not obtained, both, pytorch or tensorflow (without the other of the two), jax (without either), other (another framework), none.';
comment on column main.sampled_paper_code.as_of is 'Day of the draw.';
