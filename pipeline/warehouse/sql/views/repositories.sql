-- Grain: one row per repository and day on which it was looked at.
create or replace view main.repositories as
select
    state.repository,
    state.role,
    named.framework,
    state.observed_on,
    state.stars_count,
    state.forks_count,
    state.open_issues_count,
    state.releases_count,
    state.newest_release_on,
    state.pushed_on,
    state.created_on,
    state.is_archived,
    state.licence,
    state.listed_as,
    state.observed_on = max(state.observed_on) over (partition by state.source_id, state.repository) as is_newest,
    state.source_id
from core.repository_state state
left join (select repository, min(framework) as framework from ref.framework_repository group by repository) named
  on named.repository = state.listed_as;

comment on view main.repositories is 'Repositories of frameworks and of the tools beside them, as they were on each day of asking. Stars are bookmarks and issues show traffic: neither is use.';
comment on column main.repositories.repository is 'owner/name as the service named it that day.';
comment on column main.repositories.role is 'What it is in the debate: framework, serving, mobile, browser, …';
comment on column main.repositories.framework is 'The framework whose own repository it is; null for tools.';
comment on column main.repositories.observed_on is 'The day.';
comment on column main.repositories.stars_count is 'Stars held that day.';
comment on column main.repositories.forks_count is 'Forks.';
comment on column main.repositories.open_issues_count is 'Open issues without pull requests; null where the service was asked without a token and gives only both together.';
comment on column main.repositories.releases_count is 'Releases; null where asked without a token.';
comment on column main.repositories.newest_release_on is 'Day of the newest release; null where there is none, or asked without a token.';
comment on column main.repositories.pushed_on is 'Day of the newest commit to any branch.';
comment on column main.repositories.created_on is 'Day on which the repository was made.';
comment on column main.repositories.is_archived is 'True where its owner has closed it to changes.';
comment on column main.repositories.licence is 'SPDX identifier; null where the service recognises none.';
comment on column main.repositories.listed_as is 'The name it was asked for by; another than repository after a rename.';
comment on column main.repositories.is_newest is 'True for the newest day of each repository.';
comment on column main.repositories.source_id is 'Where the row comes from.';
