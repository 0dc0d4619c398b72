-- Grain: one row per subject, basis, ruleset and pair of consecutive days on which the subject was seen.
-- A day counts when at least one file of that basis was read: a framework that is gone was looked for.
create or replace view main.migrations as
with looked as (
    select distinct
        subject_id, ruleset_id, observed_on,
        case when split_part(reading, ':', 1) in ('pdf', 'html', 'tex', 'text', 'bibliography')
            then 'mention' else 'code' end as basis
    from core.scanned_file
    where outcome = 'read'
),
found as (
    select distinct
        evidence.subject_id, evidence.ruleset_id, evidence.observed_on, evidence.framework,
        case when evidence.tier = 'mention' then 'mention' else 'code' end as basis
    from main.evidence_history evidence
    join ref.framework on framework.framework = evidence.framework
    where evidence.is_counted and framework.is_deep_learning
),
held as (
    select
        looked.subject_id, looked.basis, looked.ruleset_id, looked.observed_on,
        list_sort(coalesce(list(found.framework) filter (where found.framework is not null), [])) as frameworks
    from looked
    left join found using (subject_id, ruleset_id, observed_on, basis)
    group by looked.subject_id, looked.basis, looked.ruleset_id, looked.observed_on
),
pair as (
    select
        subject_id, basis, ruleset_id,
        lag(observed_on) over seen as from_on,
        observed_on as to_on,
        lag(frameworks) over seen as before,
        frameworks as after
    from held
    window seen as (partition by subject_id, basis, ruleset_id order by observed_on)
),
changed as (
    select
        subject_id, basis, ruleset_id, from_on, to_on, before, after,
        list_filter(after, lambda framework: not list_contains(before, framework)) as gained,
        list_filter(before, lambda framework: not list_contains(after, framework)) as lost
    from pair
    where from_on is not null
)
select
    subject_id,
    basis,
    from_on,
    to_on,
    case
        when len(gained) > 0 and len(lost) > 0 then 'switched'
        when len(gained) > 0 then 'added'
        when len(lost) > 0 then 'dropped'
        else 'stayed'
    end as change,
    array_to_string(before, '|') as frameworks_before,
    array_to_string(after, '|') as frameworks_after,
    array_to_string(gained, '|') as frameworks_gained,
    array_to_string(lost, '|') as frameworks_lost,
    ruleset_id
from changed;

comment on view main.migrations is 'What became of the frameworks of one subject between two days on which it was seen: stayed, switched, added or dropped. Deep-learning frameworks only; naming, importing and declaring them are kept apart by the basis.';
comment on column main.migrations.subject_id is 'The repository, paper or author seen at several dates.';
comment on column main.migrations.basis is 'mention: what its texts name; code: what its code imports or its dependency files declare.';
comment on column main.migrations.from_on is 'The earlier day.';
comment on column main.migrations.to_on is 'The later day, the next one on which the subject was seen.';
comment on column main.migrations.change is 'stayed: the same frameworks; added: more; dropped: fewer; switched: some gained and some lost.';
comment on column main.migrations.frameworks_before is 'Frameworks on the earlier day, joined by |; empty: none was found.';
comment on column main.migrations.frameworks_after is 'Frameworks on the later day, joined by |; empty: none was found.';
comment on column main.migrations.frameworks_gained is 'Those that are new on the later day.';
comment on column main.migrations.frameworks_lost is 'Those that are gone on the later day.';
comment on column main.migrations.ruleset_id is 'The rules under which both days were scanned.';

-- The changes of these subjects under these rulesets, in sentences.
create or replace macro migrations_in_words(subjects, rulesets) as table
select
    format('{}, {}, {} to {}: {}, {} to {}', subject_id, basis, from_on, to_on, change,
        coalesce(nullif(frameworks_before, ''), 'none'), coalesce(nullif(frameworks_after, ''), 'none')) as sentence
from main.migrations
where list_contains(subjects, subject_id) and list_contains(rulesets, ruleset_id) and change <> 'stayed'
order by subject_id, basis, from_on;
