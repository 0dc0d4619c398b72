-- Grain: one row per economy, quarter and framework. In a quarter in which one of the two compared frameworks is
-- published for an economy, both have a row: the other is below the least count that is published, never nought.
create or replace view main.developers_by_economy as
with published as (
    select series_id, population as economy, period_start, period_end, framework, n, as_of, source_id
    from main.adoption
    where series_id = 'github.topic_pushers'
),
pair as (
    select
        series_id, economy, period_start, period_end, max(as_of) as as_of, any_value(source_id) as source_id,
        max(n) filter (where framework = compared_frameworks()[1]) as first_n,
        max(n) filter (where framework = compared_frameworks()[2]) as second_n
    from published
    where list_contains(compared_frameworks(), framework)
    group by series_id, economy, period_start, period_end
),
standing as (
    select
        pair.series_id, pair.economy, pair.period_start, pair.period_end, pair.as_of, pair.source_id, pair.first_n,
        pair.second_n,
        case
            when coalesce(pair.first_n, 0) > coalesce(pair.second_n, 0) then first.title
            when pair.second_n > coalesce(pair.first_n, 0) then second.title
        end as ahead,
        coalesce(format('{:,}', pair.first_n), 'under 100') as first_words,
        coalesce(format('{:,}', pair.second_n), 'under 100') as second_words
    from pair
    left join ref.framework first on first.framework = compared_frameworks()[1]
    left join ref.framework second on second.framework = compared_frameworks()[2]
),
worded as (
    select
        series_id, economy, period_start, period_end, as_of, source_id,
        case
            when ahead is null then 'even, ' || first_words || ' each'
            when coalesce(first_n, 0) > coalesce(second_n, 0)
                then ahead || ' ahead, ' || first_words || ' to ' || second_words
            else ahead || ' ahead, ' || second_words || ' to ' || first_words
        end as words
    from standing
),
listed as (
    select series_id, economy, period_start, period_end, framework, n, as_of, source_id
    from published
    union all
    select series_id, economy, period_start, period_end, unnest(compared_frameworks()), null, as_of, source_id
    from pair
)
select
    listed.series_id,
    listed.economy,
    listed.period_start,
    listed.period_end,
    listed.framework,
    max(listed.n) as n,
    worded.words,
    listed.economy || coalesce(': ' || worded.words, '') as label,
    listed.period_start = max(listed.period_start) over () as is_newest,
    max(listed.as_of) as as_of,
    listed.source_id
from listed
left join worded
  on worded.series_id = listed.series_id and worded.economy = listed.economy
 and worded.period_start = listed.period_start
group by listed.series_id, listed.economy, listed.period_start, listed.period_end, listed.framework, worded.words,
    listed.source_id;

comment on view main.developers_by_economy is 'Developers on GitHub who push to repositories with a framework''s topic, by economy and quarter, and which of the two compared frameworks has more there, in words.';
comment on column main.developers_by_economy.series_id is 'Always github.topic_pushers; see series.';
comment on column main.developers_by_economy.economy is 'The economy of the developers'' addresses; economies are not to be summed, since those below 100 are missing.';
comment on column main.developers_by_economy.period_start is 'First day of the quarter.';
comment on column main.developers_by_economy.period_end is 'Last day of the quarter.';
comment on column main.developers_by_economy.framework is 'Framework whose topic the repositories carry.';
comment on column main.developers_by_economy.n is 'Unique developers, a complete count; null: fewer than 100, which are not published. One who pushes to several frameworks'' repositories is in each count.';
comment on column main.developers_by_economy.words is 'Which of the two compared frameworks has more developers there, with both counts; null where neither is published.';
comment on column main.developers_by_economy.label is 'The economy and these words.';
comment on column main.developers_by_economy.is_newest is 'Whether it is the newest quarter on file of all economies.';
comment on column main.developers_by_economy.as_of is 'Day of the release.';
comment on column main.developers_by_economy.source_id is 'Where the figure comes from.';
