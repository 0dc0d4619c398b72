-- Grain: one row per framework or tool that the debate names.
create or replace view main.tool_states as
with look as (
    select registered.framework, registered.repository, seen.observed_on, seen.pushed_on, seen.newest_release_on,
           seen.is_archived, seen.source_id
    from (
        select repository as listed_as, observed_on, pushed_on, null::date as newest_release_on,
               null::boolean as is_archived, source_id
        from core.repository_day
        union all
        select listed_as, observed_on, pushed_on, newest_release_on, is_archived, source_id from core.repository_state
    ) seen
    join ref.registered_repository registered on registered.repository = seen.listed_as
    -- Two ways of asking on one day: the one that tells more.
    qualify row_number() over (partition by registered.framework
                               order by seen.observed_on desc, seen.is_archived nulls last, registered.repository) = 1
),
ending as (
    select framework, tool, happened, happened_on, is_exact_day, address
    from ref.event
    where is_end
    qualify row_number() over (partition by coalesce(framework, tool) order by happened_on desc, event_id) = 1
),
family as (
    -- Of several on the newest list the one that people install.
    select framework, arg_max(package, (last_listed_on, is_main, package)) as package,
           max(last_listed_on) as last_listed_on
    from main.package_families
    where is_summed
    group by framework
),
named as (
    select framework, title as tool, kind, place from ref.framework where kind not in ('state', 'hub', 'classical')
    union all
    select framework, tool, null, null from ending
    where framework is null or framework not in (select framework from ref.framework)
),
dated as (
    select named.framework, named.tool, named.kind, named.place, look.repository, look.observed_on, look.pushed_on,
           look.newest_release_on, look.is_archived, look.source_id,
           look.observed_on < max(look.observed_on) over () - 365 as is_old_look,
           look.pushed_on >= look.observed_on - 365 as is_pushed
    from named left join look on look.framework = named.framework
)
select
    dated.framework,
    dated.tool,
    dated.kind,
    case
        when dated.is_archived then 'archived'
        when ending.tool is not null then 'ended by its makers'
        when dated.is_pushed and dated.is_old_look then 'active when last seen'
        when dated.is_pushed then 'active'
        when dated.pushed_on is not null then 'quiet'
        else 'not known'
    end as state,
    dated.repository,
    dated.observed_on as seen_on,
    dated.is_archived,
    dated.pushed_on,
    dated.newest_release_on,
    ending.happened as ended_as,
    ending.happened_on as ended_on,
    ending.is_exact_day as is_exact_end,
    ending.address as end_address,
    family.package,
    family.last_listed_on,
    (select max(window_end) from core.download_window) as newest_list_on,
    dated.place,
    dated.source_id
from dated
left join ending on coalesce(ending.framework, ending.tool) = coalesce(dated.framework, dated.tool)
left join family on family.framework = dated.framework
where dated.repository is not null or ending.tool is not null or family.last_listed_on is not null;

comment on view main.tool_states is 'Whether the frameworks and tools that the debate names are still developed, by what can be seen from outside: is the repository archived, when was it last pushed to, what do its makers say, and is its package still among the most downloaded. A push is no proof of care, and downloads go on for years after an end. What nobody looked at is left out.';
comment on column main.tool_states.framework is 'Its identifier in the view frameworks; null for a part or a tool that has none.';
comment on column main.tool_states.tool is 'The framework or tool, as people write it.';
comment on column main.tool_states.kind is 'What it is; see the view frameworks. Null where it has no entry there.';
comment on column main.tool_states.state is 'archived: its owner has closed the repository. ended by its makers: they say that they no longer develop or support it. active: pushed to within the 365 days before it was last looked at. active when last seen: the same, but that look is more than 365 days older than the newest look at any of them. quiet: looked at, and not pushed to in the 365 days before. not known: no look tells. The first that holds.';
comment on column main.tool_states.repository is 'Its GitHub repository; where it has several, the one looked at last. Null where none was looked at.';
comment on column main.tool_states.seen_on is 'The day of that look; null where there was none.';
comment on column main.tool_states.is_archived is 'Whether its owner had closed it to changes that day; null where the way of asking does not tell.';
comment on column main.tool_states.pushed_on is 'Day of the newest push to any branch, as told that day.';
comment on column main.tool_states.newest_release_on is 'Day of the newest release on GitHub; null where there is none or the way of asking does not tell.';
comment on column main.tool_states.ended_as is 'What its makers said of its end, from the view events; null where nothing is on file.';
comment on column main.tool_states.ended_on is 'The day of that, or one by which it was so.';
comment on column main.tool_states.is_exact_end is 'Whether the page gives the day itself.';
comment on column main.tool_states.end_address is 'The page.';
comment on column main.tool_states.package is 'The package of its family that the lists of the most downloaded ones held last; null where none ever was on one.';
comment on column main.tool_states.last_listed_on is 'Last day of the window of the last list that holds it.';
comment on column main.tool_states.newest_list_on is 'Last day of the window of the newest list on file: a package that is on it is still downloaded.';
comment on column main.tool_states.place is 'Place in lists, from 1; those without one (null) follow.';
comment on column main.tool_states.source_id is 'Where the look at the repository comes from; null where there was none.';
