-- Grain: one row per framework, tool or state.
create or replace view main.frameworks as
with repository_list as (
    select framework, list(repository order by repository) as repositories from ref.framework_repository group by framework
),
package_list as (
    select framework, list(package order by package) as packages
    from ref.framework_package
    where is_summed
    group by framework
)
select
    framework.framework,
    framework.title,
    framework.is_deep_learning,
    coalesce(repository_list.repositories, []) as repositories,
    coalesce(package_list.packages, []) as packages,
    framework.note,
    framework.kind,
    framework.place,
    framework.runs_on,
    framework.criterion
from ref.framework framework
left join repository_list on repository_list.framework = framework.framework
left join package_list on package_list.framework = framework.framework;

comment on view main.frameworks is 'Frameworks, and the states and counted tools that stand beside them, with what is counted under each name.';
comment on column main.frameworks.framework is 'Identifier used in every other view.';
comment on column main.frameworks.title is 'Name as people write it.';
comment on column main.frameworks.is_deep_learning is 'False for yardsticks (scikit-learn) and states (none, other, any).';
comment on column main.frameworks.repositories is 'Repositories whose stars count for it, under their present names.';
comment on column main.frameworks.packages is 'The package family whose downloads are summed.';
comment on column main.frameworks.note is 'What must be known when reading its figures; null where nothing is.';
comment on column main.frameworks.kind is 'What it is: a framework, a front-end or library on top of others, classical machine learning, an exchange format, a hub, a tool for what is done with models (serving, mobile, web, pipeline, visualisation, models, compiler, distribution), or a state.';
comment on column main.frameworks.criterion is 'The point of the debate that it is named for: deployment, mobile and web, visualisation, pretrained models or training loops; null for all others.';
comment on column main.frameworks.place is 'Place in lists and keys, from 1; those without one (null) follow by their identifiers.';
comment on column main.frameworks.runs_on is 'Frameworks that it is built on or computes with; empty for one that stands alone.';
