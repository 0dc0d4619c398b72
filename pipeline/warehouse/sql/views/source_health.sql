-- Grain: one row per source.
-- Everything is judged against the start of the newest run, never against the clock.
create or replace view main.source_health as
with stored as (
    select source_id, count(*) as records, max(seen_at) as seen_at from core.paper_count group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.paper_label group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.code_availability group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.competition_entry group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.competition_system group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.survey_count group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.survey_tally group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.survey_combination group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.repository_day group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.download_window group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.download_list group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.paper group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.paper_repository group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.sampled_repository group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.sampling_frame group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.drawn_repository group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.drawn_code_label group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.period_count group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.repository_state group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.evidence group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.scanned_file group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.detector_label group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.label_draw group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.scanned_subject group by source_id
    union all
    select source_id, count(*), max(seen_at) from core.own_framework group by source_id
    union all
    select machine.source_id, count(*), max(run.finished_at)
    from core.machine machine
    join core.bench_run run on run.machine_id = machine.machine_id
    join core.bench_variant variant on variant.run_id = run.run_id
    where machine.source_id is not null
    group by machine.source_id
),
held as (
    select source_id, sum(records)::bigint as records, max(seen_at)::date as as_of from stored group by source_id
),
attempt as (
    select
        source_run.source_id, source_run.state, source_run.message, source_run.remedy, source_run.records_count,
        run.started_at, run.run_id, run.started_at = newest_run_started_at() as is_newest_run
    from ops.source_run source_run
    join ops.run run on run.run_id = source_run.run_id
),
last_attempt as (
    select source_id, state, message, remedy, records_count, is_newest_run
    from attempt
    qualify row_number() over (partition by source_id order by started_at desc, run_id desc) = 1
),
last_live as (
    select
        attempt.source_id, any_value(rhythm.days_count) as rhythm_days,
        max(attempt.started_at) + to_days(coalesce(any_value(rhythm.days_count), 0)) >= newest_run_started_at()
            as is_in_time
    from attempt
    left join ops.source_rhythm rhythm on rhythm.source_id = attempt.source_id
    where attempt.state = 'live'
    group by attempt.source_id
),
refused as (
    select source_id, count(*) as rejects from ops.reject group by source_id
),
judged as (
    select
        source.source_id, source.title, source.public_address, source.licence, source.attribution,
        case
            when held.records is null and last_attempt.state = 'failed' then 'failed'
            when held.records is null then 'missing'
            when last_attempt.state = 'failed' then 'stale'
            when last_live.is_in_time then 'live'
            when last_live.source_id is not null then 'stale'
            else 'archived'
        end as state,
        held.as_of, held.records, newest.records_count as records_read, refused.rejects,
        last_attempt.message, last_attempt.remedy, last_live.rhythm_days
    from ref.source source
    left join held on held.source_id = source.source_id
    left join last_attempt on last_attempt.source_id = source.source_id
    left join last_live on last_live.source_id = source.source_id
    left join refused on refused.source_id = source.source_id
    left join last_attempt newest on newest.source_id = source.source_id and newest.is_newest_run
)
select
    source_id,
    title,
    state,
    as_of,
    date_diff('day', as_of, newest_run_started_at()::date) as age_days,
    coalesce(records, 0) as records,
    records_read,
    coalesce(rejects, 0) as rejects,
    coalesce(message, case state
        when 'stale' then coalesce(
            'No run asked this source in the last ' || rhythm_days || ' days.', 'The newest run did not ask this source.'
        )
        when 'missing' then 'No record of this source has been loaded.'
    end) as message,
    -- What an attempt had to say names its own remedy.
    coalesce(remedy, case
        when message is not null then null
        when state = 'stale' then 'Run `observatory run` with a network.'
        when state = 'missing' then 'Run `observatory run`, or `observatory collect ' || source_id || '`.'
    end) as remedy,
    public_address,
    licence,
    attribution
from judged;

comment on view main.source_health is 'How each source stands: whether its figures are live, shipped, stale or missing, how old they are, and what to do.';
comment on column main.source_health.source_id is 'Identifier used in every other view.';
comment on column main.source_health.title is 'Name of the source.';
comment on column main.source_health.state is 'live: asked by a run not longer ago than the source''s own rhythm; archived: shipped figures only; stale: collected once, and not in time since, or asked in vain; missing: no records; failed: asked and never answered.';
comment on column main.source_health.as_of is 'Day on which its newest record was seen or published; null without records.';
comment on column main.source_health.age_days is 'Days from as_of to the start of the newest run.';
comment on column main.source_health.records is 'Records held, read by whichever run.';
comment on column main.source_health.records_read is 'Records that the newest run read, held already or not; null where it did not have to do with this source.';
comment on column main.source_health.rejects is 'Rows that were refused and set aside; see rejects.';
comment on column main.source_health.message is 'What the newest attempt had to say; null when all is well.';
comment on column main.source_health.remedy is 'What can be done about it; null when nothing is needed, or where the message says it.';
comment on column main.source_health.public_address is 'Where the figures were published.';
comment on column main.source_health.licence is 'Licence of the published figures.';
comment on column main.source_health.attribution is 'Who is to be named when the figures are shown.';

-- What a person should look at although nothing of the run failed: a sentence on the sources that fell behind and could
-- not be asked, and one on the verdicts that the release turned. From no answer to an answer is no turn.
create or replace macro release_alerts(alerting_run_id, shown_release_id) as table
select 'Behind, and not to be asked now: ' || string_agg(source_id, ', ' order by source_id)
    || '; `observatory sources` says why.' as sentence
from main.source_health health
join ops.source_run asked using (source_id)
where health.state = 'stale' and asked.state = 'not asked' and asked.run_id = alerting_run_id
having count(*) > 0
union all
select 'Verdicts on claims that changed: '
    || string_agg(claim_id || ' from ' || verdict_before || ' to ' || verdict, ', ' order by claim_id) filter (where place <= 5)
    || '; `observatory claims ' || min(claim_id) || '` shows why.'
    || case when count(*) > 5 then ' ' || count(*) - 5 || ' more changed; `observatory query "select claim_id, '
        || 'verdict_before, verdict from claim_history where release_id = ''' || shown_release_id
        || ''' and verdict_before is not null"` lists all.' else '' end
from (
    select claim_id, verdict_before, verdict, row_number() over (order by claim_id) as place
    from main.claim_history
    where release_id = shown_release_id and verdict_before not in ('not testable here', 'unsourced', 'undecided')
)
having count(*) > 0
order by all;
