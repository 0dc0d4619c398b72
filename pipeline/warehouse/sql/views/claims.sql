-- Grain: one row per claim of the ledger.
-- Evidence of the claim's own population and time decides; then of its time alone; then of its population alone. The
-- first rung that has a figure is final, whatever it says: no figure is looked for until one agrees.
create or replace view main.claims as
with evidence as materialized (
    from main.claim_evidence
),
best as (
    select
        evidence.claim_id, evidence.place, kind, series_id, framework, other, evidence.machine_id, population,
        period_start, period_end, said_start, said_end, is_population, is_date, can_age, unit, value, value_low,
        value_high, accepted_low, accepted_high, n, base, for_count, against_count, same_count, cases_count, outcome,
        is_preliminary, as_of, evidence.source_id, view_name, coalesce(test.is_part, false) as is_part,
        test.tolerance_class,
        coalesce(machine.is_imported, false) as is_elsewhere,
        case when is_population and is_date then 1 when is_date then 2 when is_population then 3 else 4 end as rung
    from evidence
    join (select claim_id, place, is_part, tolerance_class from ref.claim_test) test
      on test.claim_id = evidence.claim_id and test.place = evidence.place
    left join core.machine machine on machine.machine_id = evidence.machine_id
    qualify row_number() over (
        partition by evidence.claim_id, evidence.place
        order by
            -- One case that decides nothing leaves the word to another machine; of these the one that compared most.
            rung, coalesce(cases_count = 1 and outcome = 'undecided', false), is_elsewhere, if(is_elsewhere, -coalesce(cases_count, n, 0), 0),
            -- Within the time named, or where none is, the newest; outside it the nearest.
            case when is_date then 0 else least(
                abs(date_diff('day', period_start, coalesce(said_start, said_end))),
                abs(date_diff('day', period_end, coalesce(said_end, said_start)))
            ) end,
            period_start desc, as_of desc, evidence.machine_id
    ) = 1
),
chosen as (
    select
        claim_id, place, kind, series_id, framework, other, machine_id, population, period_start, period_end,
        said_start, said_end, is_population, is_date, can_age, unit, value, value_low, value_high, accepted_low, accepted_high, n,
        base, for_count, against_count, same_count, cases_count, outcome, is_preliminary, as_of, source_id, view_name,
        is_part, is_elsewhere, tolerance_class, count(*) over (partition by claim_id) as tests_found
    from best
    -- Of tests that stand for each other the best rung decides; of the parts of a claim the one that holds least.
    qualify row_number() over (
        partition by claim_id
        order by
            if(is_part, case outcome when 'fails' then 1 when 'undecided' then 2 else 3 end, 0),
            if(is_part, -rung, rung), place
    ) = 1
),
aged as (
    -- What held then and does not hold by a later figure of the same test, or held before and does not by the newest.
    select
        chosen.claim_id,
        bool_or(chosen.outcome = 'holds' and later.outcome = 'fails' and later.period_start > chosen.period_start)
            or bool_or(chosen.outcome = 'fails' and later.outcome = 'holds' and later.period_start < chosen.period_start
                       and chosen.said_start is null and chosen.said_end is null)
            or bool_or(chosen.outcome = 'fails' and chosen.kind = 'repository' and not chosen.is_date) as is_stale
    from chosen
    join evidence later on later.claim_id = chosen.claim_id and later.place = chosen.place
    where chosen.can_age
    group by chosen.claim_id
),
tried as (
    select
        claim_id, count(*) as tests_count, arg_min(kind, place) as kind, arg_min(series_id, place) as series_id,
        arg_min(device, place) as device
    from ref.claim_test
    group by claim_id
),
decided as (
    select
        said.claim_id,
        case
            when said.reading = 'misattributed' then 'misattributed'
            when chosen.outcome = 'fails' and chosen.kind in ('same_day', 'own_figures') then 'internally inconsistent'
            when chosen.is_part and chosen.outcome <> 'fails' and chosen.tests_found < tried.tests_count
                then coalesce(said.reading, 'not testable here')
            when aged.is_stale then 'stale'
            when chosen.outcome = 'holds' and chosen.is_population and chosen.is_date then 'reproduced'
            when chosen.outcome = 'holds' and chosen.is_population then 'reproduced for another date'
            when chosen.outcome = 'holds' then 'reproduced for another population'
            when chosen.is_date and chosen.outcome = 'undecided' then 'undecided'
            when chosen.outcome = 'fails' and chosen.machine_id is not null
                then if(chosen.is_elsewhere, 'outside tolerance on another machine', 'outside tolerance on this machine')
            when chosen.outcome = 'fails' and chosen.is_population and chosen.is_date then 'contradicted'
            when chosen.outcome = 'fails' and chosen.is_date then 'not reproduced for another population'
            else coalesce(said.reading, 'not testable here')
        end as verdict
    from ref.claim said
    left join chosen on chosen.claim_id = said.claim_id
    left join aged on aged.claim_id = said.claim_id
    left join tried on tried.claim_id = said.claim_id
)
select
    said.claim_id,
    said.claim,
    said.article,
    said.address,
    said.article_date,
    said.family,
    said.metric,
    said.population as said_population,
    said.period as said_period,
    said.figures as said_figures,
    said.operator as said_operator,
    said.favours,
    said.source_named,
    tolerance.tolerance_class,
    tolerance.rule as tolerance,
    said.derived_from,
    said.found_by,
    decided.verdict,
    decided.verdict not in ('misattributed', 'unsourced', 'not testable here') as is_computed,
    case
        when decided.verdict in ('misattributed', 'unsourced') then said.reason
        when decided.verdict = 'stale'
            then 'It held once; the newest figure of the same series says otherwise.'
        when decided.verdict = 'not testable here' and chosen.is_part and chosen.tests_found < tried.tests_count
            then 'Not every part of it has a figure on file.'
        when decided.verdict = 'not testable here' and chosen.claim_id is not null
            then 'Only a figure of another time is on file, and it does not settle this one.'
        when decided.verdict = 'not testable here' and tried.claim_id is not null then case
            when tried.kind in ('cases', 'compile', 'accuracy', 'measured', 'special')
                then 'No benchmark was run' || if(tried.device = 'accelerator', ' on a GPU', '') || ' that measures it.'
            when tried.kind = 'trend' then 'No two figures of one unbroken segment are on file for that time.'
            when tried.kind = 'repository' then 'The repository was not asked yet: run `observatory run` with a network.'
            else 'No figure of ' || tried.series_id || ' is on file for that time.'
        end
        when decided.verdict = 'not testable here' then said.reason
        when decided.verdict = 'undecided' and chosen.is_preliminary
            then 'Our figure comes from a file that was made while its publisher was still collecting.'
        when decided.verdict = 'undecided' and chosen.value_low is null
            then 'Only percentages were published, without a base: no interval.'
        when chosen.cases_count is not null and chosen.kind = 'cases' then format(
            'Surely ahead in {} of {} benchmark cases, surely behind in {}, equal within the margin in {}.',
            chosen.for_count, chosen.cases_count, chosen.against_count, chosen.same_count
        ) || if(chosen.cases_count = 1 and decided.verdict = 'undecided', ' One case proves no general rule.', '')
            || if(chosen.is_elsewhere, ' Measured on another machine.', '')
        when chosen.kind = 'measured'
            then format('{:d} of the {:d} named ran {} in that mode.', chosen.n::bigint, chosen.base::bigint,
                        if(chosen.is_elsewhere, 'on another machine', 'here'))
        when chosen.is_part then 'Every part of it must hold; the figure is of the one that holds least.'
        when decided.verdict = 'undecided' then 'The interval allows both.'
        when chosen.is_preliminary then 'Our figure is preliminary.'
    end as reason,
    case
        when chosen.kind = 'together' and chosen.base is null
            then format('between {:.1f} and {:.1f} %', 100 * chosen.value_low, 100 * chosen.value_high)
        when chosen.unit in ('share', 'share of both', 'difference') then
            format(if(chosen.unit = 'difference', '{:.1f} percentage points', '{:.1f} %'), 100 * chosen.value)
            || case when chosen.value_low < chosen.value_high
                    then format(' ({:.1f} to {:.1f})', 100 * chosen.value_low, 100 * chosen.value_high) else '' end
        when chosen.unit in ('ratio', 'growth', 's') or starts_with(chosen.unit, 'times') then
            format('{:.2f}', chosen.value)
            || case when chosen.unit = 's' then ' s' when starts_with(chosen.unit, 'times') then ' ' || chosen.unit
               else ' times' end
            || case when chosen.value_low < chosen.value_high
                    then format(' ({:.2f} to {:.2f})', chosen.value_low, chosen.value_high) else '' end
        when chosen.unit = 'happened' then if(chosen.value = 1, 'yes', 'not yet')
        when chosen.unit = 'yes or no' then if(chosen.value = 1, 'archived', 'not archived')
        when chosen.unit = 'year' then format('{:d}', chosen.value::bigint)
        when chosen.value is not null then
            format('{:,}', chosen.value::bigint) || case chosen.unit when 'place' then ' (place)' when 'days' then ' days'
            when 'a day' then ' a day' else '' end
            || case when chosen.value_low < chosen.value_high
                    then format(' ({:,} to {:,})', chosen.value_low::bigint, chosen.value_high::bigint) else '' end
    end as our_figure,
    chosen.value,
    chosen.value_low,
    chosen.value_high,
    chosen.unit,
    chosen.accepted_low,
    chosen.accepted_high,
    chosen.n,
    chosen.base,
    chosen.framework,
    chosen.other,
    chosen.population,
    chosen.period_start,
    chosen.period_end,
    chosen.as_of,
    coalesce(chosen.series_id, tried.series_id) as series_id,
    chosen.source_id,
    chosen.view_name,
    coalesce(chosen.kind, tried.kind) as test_kind,
    coalesce(tried.tests_count, 0)::integer as tests_count,
    chosen.machine_id
from ref.claim said
join decided on decided.claim_id = said.claim_id
left join chosen on chosen.claim_id = said.claim_id
join ref.claim_tolerance tolerance
  on tolerance.tolerance_class = coalesce(chosen.tolerance_class, said.tolerance_class)
left join tried on tried.claim_id = said.claim_id;

comment on view main.claims is 'The claims ledger: what articles say about the frameworks, each with its verdict on the evidence on file. misattributed and unsourced are recorded readings; every other verdict is computed.';
comment on column main.claims.claim_id is 'The claim.';
comment on column main.claims.claim is 'What the article says, restated in our own words.';
comment on column main.claims.article is 'The article.';
comment on column main.claims.address is 'Where it was found; withheld where the address holds a person''s name.';
comment on column main.claims.article_date is 'Its date as far as known, with what it was inferred from.';
comment on column main.claims.family is 'Topic of the debate: adoption, performance, memory, …';
comment on column main.claims.metric is 'What the claim is measured by.';
comment on column main.claims.said_population is 'Of whom or what it is said.';
comment on column main.claims.said_period is 'Of which time.';
comment on column main.claims.said_figures is 'The figures it gives; null for none.';
comment on column main.claims.said_operator is 'Relation that it states.';
comment on column main.claims.favours is 'Which framework it puts in the better light, taken as said.';
comment on column main.claims.source_named is 'The source that the article names; null for none.';
comment on column main.claims.tolerance_class is 'Class of tolerance: what each class allows was fixed before any figure was looked at; of the test that decides, where it has one of its own.';
comment on column main.claims.tolerance is 'That tolerance in words.';
comment on column main.claims.derived_from is 'Claim or article that it was taken from, where known.';
comment on column main.claims.found_by is 'Query of the frame that found it; seed for the five articles that the ledger began with.';
comment on column main.claims.verdict is 'reproduced; reproduced for another population; reproduced for another date; stale (held once, the newest figure says otherwise); undecided (the interval allows both); contradicted (same population and date, the whole interval outside the margin); not reproduced for another population (the nearest evidence says otherwise, which contradicts nothing); outside tolerance on this machine, or, where it measured nothing of the kind, on another machine; internally inconsistent; misattributed; unsourced; not testable here.';
comment on column main.claims.is_computed is 'False for misattributed, unsourced and not testable here.';
comment on column main.claims.reason is 'Why, where the figure alone does not say it.';
comment on column main.claims.our_figure is 'The figure that decides, with its 95 % interval in brackets, of a special measurement the range of its figures; null where none is on file.';
comment on column main.claims.value is 'The same as a number, in the unit.';
comment on column main.claims.value_low is 'Lower end of its interval.';
comment on column main.claims.value_high is 'Upper end.';
comment on column main.claims.unit is 'Its unit; see claim_evidence.';
comment on column main.claims.accepted_low is 'From where the claim holds, tolerance included.';
comment on column main.claims.accepted_high is 'Up to where it holds.';
comment on column main.claims.n is 'Count behind the figure; of benchmark cases those in which the framework is surely ahead.';
comment on column main.claims.base is 'Its denominator.';
comment on column main.claims.framework is 'The framework that the figure is of; several with | stand for the best of them.';
comment on column main.claims.other is 'The one that it is set against; null for none.';
comment on column main.claims.population is 'Of whom or what the figure is; of a measurement the machine.';
comment on column main.claims.period_start is 'First day of the figure''s period.';
comment on column main.claims.period_end is 'Last day of it.';
comment on column main.claims.as_of is 'The day on which it was seen or measured.';
comment on column main.claims.series_id is 'The series that was asked; null for benchmarks, repositories and events.';
comment on column main.claims.source_id is 'Where the figure comes from.';
comment on column main.claims.view_name is 'The public view that it is read from.';
comment on column main.claims.test_kind is 'Kind of the test; null where there is none.';
comment on column main.claims.tests_count is 'Tests that the claim has.';
comment on column main.claims.machine_id is 'The machine that measured it; null for other evidence.';

-- The verdicts of today that were never published, or last published otherwise.
create or replace macro unpublished_verdicts() as table
select claim_id, verdict, our_figure, as_of as evidence_as_of
from main.claims said where verdict is distinct from (
    select known.verdict from main.claim_history known where known.is_current and known.claim_id = said.claim_id
);
