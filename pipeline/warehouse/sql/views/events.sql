-- Grain: one row per event.
create or replace view main.events as
select event_id, tool, happened, happened_on, is_exact_day, words, address, framework, coalesce(is_end, false) as is_end
from ref.event;

comment on view main.events is 'What happened to frameworks and their tools, and when: releases, ends of support, archived repositories, each with the page that says so. A list that is kept by hand, and not complete.';
comment on column main.events.event_id is 'The event.';
comment on column main.events.tool is 'The framework or tool.';
comment on column main.events.happened is 'What became of it.';
comment on column main.events.happened_on is 'The day; where is_exact_day is false, a day by which it was so.';
comment on column main.events.is_exact_day is 'Whether the page gives the day itself.';
comment on column main.events.words is 'What the page says, in our own words.';
comment on column main.events.address is 'The page.';
comment on column main.events.framework is 'Its identifier in the view frameworks; null for a part or a tool that has none.';
comment on column main.events.is_end is 'Whether its makers say with it that they no longer develop or support the tool.';
