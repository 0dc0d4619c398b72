-- Grain: one row per framework that code imports and what that code is written in.
create or replace view main.paper_import_use as
with importing as (
    select source_id, repository, edition_year, position, unnest(families) as framework, as_of
    from main.sampled_paper_code
    where series_id = 'papers.code_imports' and population = 'all' and outcome = 'with code'
),
counted as (
    select importing.source_id, importing.framework, own.state as own_framework, count(*) as n, max(importing.as_of) as as_of
    from importing
    join main.sampled_paper_code own
      on own.source_id = importing.source_id and own.edition_year = importing.edition_year
     and own.position = importing.position and own.series_id = 'papers.code_own_framework' and own.population = 'all'
    group by all
),
based as (
    select
        source_id, framework, own_framework, n, as_of, sum(n) over (partition by source_id, framework) as base
    from counted
)
select
    framework, own_framework, n::bigint as n, base::bigint as base, n / base as share,
    wilson_low(n, base) as interval_low, wilson_high(n, base) as interval_high, as_of, source_id
from based;

comment on view main.paper_import_use is 'What the sampled repositories that import a framework are written in: how far an import overstates use.';
comment on column main.paper_import_use.framework is 'The framework that is imported; Keras counts as TensorFlow, Flax as JAX.';
comment on column main.paper_import_use.own_framework is 'The state of the paper''s own code, as in paper_code_states.';
comment on column main.paper_import_use.n is 'Repositories, all years, unweighted.';
comment on column main.paper_import_use.base is 'All sampled repositories that import the framework.';
comment on column main.paper_import_use.share is 'n / base, 0 to 1.';
comment on column main.paper_import_use.interval_low is 'Lower end of the 95 % Wilson interval of share; sampling error alone.';
comment on column main.paper_import_use.interval_high is 'Upper end of that interval.';
comment on column main.paper_import_use.as_of is 'Day of the draw.';
comment on column main.paper_import_use.source_id is 'Where the sample comes from.';
