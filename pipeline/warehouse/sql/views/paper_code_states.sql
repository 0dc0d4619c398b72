-- Grain: one row per series of paper code, population, period and state.
create or replace view main.paper_code_states as
with shown as (
    select
        series_id, population, period_start, period_end, is_pooled, framework, 'repositories with code' as among, n,
        base, share, effective_base, bound_low, bound_high, frame_count, as_of, source_id
    from main.paper_code_shares
    where form = 'alone'
    union all by name
    select
        series_id, population, period_start, period_end, is_pooled, 'links drawn' as among, frame_count, as_of,
        source_id, drawn_count as base,
        unnest([{'framework': 'no-code', 'n': no_code_count}, {'framework': 'not-obtained', 'n': not_obtained_count}],
            recursive := true)
    from main.paper_code_shares
    where form = 'alone' and framework = 'none'
)
select
    series_id,
    case series_id when 'papers.code_own_framework' then 'what it is written in'
        when 'papers.code_imports' then 'what it imports' else 'what it declares' end as reading,
    population,
    period_start,
    period_end,
    is_pooled,
    framework,
    among,
    n::bigint as n,
    base::bigint as base,
    coalesce(share, n / base) as share,
    wilson_low(share * effective_base, effective_base) as interval_low,
    wilson_high(share * effective_base, effective_base) as interval_high,
    bound_low,
    bound_high,
    frame_count::bigint as frame_count,
    false as is_preliminary,
    as_of,
    source_id
from shown;

comment on view main.paper_code_states is 'Every link drawn from the lists of papers in exactly one state: which of the compared frameworks its code uses, both, JAX, another, none, no code released, or not obtained.';
comment on column main.paper_code_states.series_id is 'By what the code is written in (papers.code_own_framework), imports or declares; the states of a series add up.';
comment on column main.paper_code_states.reading is 'The same in words: what the code is written in, imports, or declares as a dependency.';
comment on column main.paper_code_states.population is 'all, or the field of the venue: vision, language, other.';
comment on column main.paper_code_states.period_start is 'First day of the first year.';
comment on column main.paper_code_states.period_end is 'Last day of the last year.';
comment on column main.paper_code_states.is_pooled is 'Whether it is a span of years, weighted by the size of each year''s list, or one year.';
comment on column main.paper_code_states.framework is 'The state. pytorch, tensorflow: without the other of the two, Keras counted as TensorFlow; both; jax, other: without either; none: code without a deep-learning framework; no-code: nothing released; not-obtained: the repository could not be read.';
comment on column main.paper_code_states.among is 'What base counts: repositories with code, or for no-code and not-obtained all links drawn.';
comment on column main.paper_code_states.n is 'Links in this state.';
comment on column main.paper_code_states.base is 'Of how many, as among says.';
comment on column main.paper_code_states.share is 'The share of base, weighted by year where pooled; for no-code and not-obtained unweighted.';
comment on column main.paper_code_states.interval_low is 'Lower end of the 95 % Wilson interval at the effective base of the weighting; null for no-code and not-obtained.';
comment on column main.paper_code_states.interval_high is 'Upper end of that interval.';
comment on column main.paper_code_states.bound_low is 'The share if every repository that could not be obtained held code in another state.';
comment on column main.paper_code_states.bound_high is 'The share if every repository that could not be obtained held code in this state.';
comment on column main.paper_code_states.frame_count is 'Links on the lists of the period and population, from which base was drawn.';
comment on column main.paper_code_states.is_preliminary is 'Always false.';
comment on column main.paper_code_states.as_of is 'Day of the draw.';
comment on column main.paper_code_states.source_id is 'Where the sample comes from.';
