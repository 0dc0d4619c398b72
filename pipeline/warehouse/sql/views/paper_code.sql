-- Grain: one row per paper, a repository that its entry links to, and a framework known of that repository.
-- The framework is known from three places: the frameworks' own repositories, labels of linked code, and our own scans.
create or replace view main.paper_code as
with known as (
    select lower(repository) as repository, framework, 'own repository' as known_from from ref.framework_repository
    union
    select repository, framework, 'label of linked code'
    from core.paper_label
    where tier = 'code_label' and repository is not null
    union
    select lower(subject_id), framework, tier from main.evidence where tier in ('import', 'dependency')
)
select
    link.paper_id,
    link.forge,
    link.repository,
    link.found_in,
    known.framework,
    known.known_from,
    link.source_id
from core.paper_repository link
left join known on known.repository = link.repository;

comment on view main.paper_code is 'Which code collected papers link to, and what is known of the framework in it.';
comment on column main.paper_code.paper_id is 'The paper.';
comment on column main.paper_code.forge is 'The site that holds the code.';
comment on column main.paper_code.repository is 'owner/name in lower case, as the paper writes it.';
comment on column main.paper_code.found_in is 'Where the link stands: abstract, comment or link.';
comment on column main.paper_code.framework is 'The framework known of the repository; null where nothing is known, none where somebody looked and found none.';
comment on column main.paper_code.known_from is 'Where that is known from: own repository, label of linked code, import or dependency.';
comment on column main.paper_code.source_id is 'Where the link was found.';
