-- Grain: one row per claim, test of it, machine, population and period for which a figure is on file.
-- A kind of test joins with one line below. Its view gives claim_id, place, machine_id, population, the period, unit,
-- value with its interval, n, base, is_preliminary, as_of, source_id and view_name; of benchmark cases also the counts.
create or replace view main.claim_evidence as
with found as (
    from claim_test.share
    union all by name from claim_test.pair
    union all by name from claim_test.rank
    union all by name from claim_test.trend
    union all by name from claim_test.together
    union all by name from claim_test.versus
    union all by name from claim_test.rate
    union all by name from claim_test.total
    union all by name from claim_test.event
    union all by name from claim_test.count
    union all by name from claim_test.same_day
    union all by name from claim_test.own_figures
    union all by name from claim_test.repository
    union all by name from claim_test.entries
    union all by name from claim_test.cases
    union all by name from claim_test.compile
    union all by name from claim_test.accuracy
    union all by name from claim_test.measured
    union all by name from claim_test.special
),
limits as (
    select
        test.claim_id, test.place, test.kind, test.is_population, test.can_age, test.operator, test.series_id,
        test.framework, test.other, test.period_start as said_start, test.period_end as said_end, tolerance.needs_date,
        -- Of a stated size a part must be seen, and always more than the noise.
        case
            when test.operator = 'in' and tolerance.effect_low_factor is not null
                then greatest(1 + (test.low - 1) * tolerance.effect_low_factor, 1 + tolerance.margin)
            when test.operator in ('in', 'inside')
                then greatest(
                    test.low * coalesce(tolerance.low_factor, 1) - coalesce(tolerance.within, 0),
                    case when test.low > 1 and tolerance.margin is not null then 1 + tolerance.margin end
                )
            when test.operator = 'over' then test.low * coalesce(tolerance.low_factor, 1) - coalesce(tolerance.slack, 0)
        end as accepted_low,
        case
            when test.operator = 'in' and tolerance.effect_high_factor is not null
                then 1 + (test.high - 1) * tolerance.effect_high_factor
            when test.operator in ('in', 'inside', 'up to')
                then test.high * coalesce(tolerance.high_factor, 1) + coalesce(tolerance.within, 0)
            when test.operator = 'under' then test.high * coalesce(tolerance.high_factor, 1) + coalesce(tolerance.slack, 0)
        end as accepted_high,
        -- Of a gain the whole interval must lie beyond none, and beyond the noise.
        case when tolerance.effect_low_factor is not null then 1 + coalesce(tolerance.margin, 0) end as least_gain,
        test.low * coalesce(tolerance.low_factor, 1) - coalesce(tolerance.fail_slack, 0) as refused_below,
        test.high * coalesce(tolerance.high_factor, 1) + coalesce(tolerance.fail_slack, 0) as refused_above
    from ref.claim_test test
    join ref.claim said on said.claim_id = test.claim_id
    join ref.claim_tolerance tolerance
      on tolerance.tolerance_class = coalesce(test.tolerance_class, said.tolerance_class)
),
judged as (
    select
        found.claim_id, found.place, limits.kind, limits.series_id, limits.framework, limits.other, limits.operator,
        limits.is_population, limits.can_age, found.machine_id, found.population, found.period_start, found.period_end,
        limits.said_start, limits.said_end,
        case
            when found.machine_id is not null or found.period_start is null then true
            when limits.kind = 'trend'
                then coalesce(abs(date_diff('day', found.period_start, limits.said_start)) <= 366, true)
                 and coalesce(abs(date_diff('day', found.period_end, limits.said_end)) <= 366, true)
            else found.period_end >= coalesce(limits.said_start, found.period_end)
             and found.period_start <= coalesce(limits.said_end, found.period_start)
        end as is_date,
        limits.needs_date, found.unit, found.value, found.value_low, found.value_high, limits.accepted_low,
        limits.accepted_high, found.n, found.base, found.for_count, found.against_count, found.same_count,
        found.cases_count, found.is_preliminary, found.as_of, found.source_id, found.view_name,
        case limits.operator
            when 'in' then case
                when found.value between limits.accepted_low and limits.accepted_high
                    and (limits.least_gain is null or found.unit = 's' or found.value_low > limits.least_gain) then 'holds'
                when found.value_high < limits.accepted_low or found.value_low > limits.accepted_high then 'fails'
            end
            when 'inside' then case
                when found.value_low >= limits.accepted_low and found.value_high <= limits.accepted_high then 'holds'
                when found.value_high < limits.accepted_low or found.value_low > limits.accepted_high then 'fails'
            end
            when 'over' then case
                when found.value_low > limits.accepted_low then 'holds'
                when found.value_high < limits.refused_below then 'fails'
            end
            when 'under' then case
                when found.value_high < limits.accepted_high then 'holds'
                when found.value_low > limits.refused_above then 'fails'
            end
            when 'up to' then case
                when found.value <= limits.accepted_high then 'holds'
                when found.value_low > limits.accepted_high then 'fails'
            end
            when 'ahead' then case
                when found.cases_count < 2 then null
                when found.against_count = 0 and 2 * found.for_count >= found.cases_count then 'holds'
                when found.against_count > 0 or 2 * found.same_count > found.cases_count then 'fails'
            end
            when 'tie' then case
                when found.cases_count < 2 then null
                when found.for_count > 0 and found.against_count > 0 then 'holds'
                when 2 * greatest(found.for_count, found.against_count) >= found.cases_count then 'fails'
            end
            when 'equal' then case
                when found.cases_count < 2 then null
                when 2 * found.same_count >= found.cases_count then 'holds'
                when 2 * (found.for_count + found.against_count) >= found.cases_count then 'fails'
            end
            when 'rarely' then if(found.cases_count < 2, null, if(2 * found.for_count < found.cases_count, 'holds', 'fails'))
            when 'some' then case
                when found.for_count > 0 then 'holds'
                when limits.kind = 'cases' and found.cases_count < 2 then null
                when 2 * (found.same_count + found.against_count) >= found.cases_count then 'fails'
            end
        end as decision
    from found
    join limits on limits.claim_id = found.claim_id and limits.place = found.place
)
select
    claim_id, place, kind, series_id, framework, other, operator, machine_id, population, period_start, period_end,
    said_start, said_end, is_population, is_date, can_age, unit, value, value_low, value_high, accepted_low, accepted_high, n, base,
    for_count, against_count, same_count, cases_count,
    -- What its publisher was still collecting contradicts nobody.
    case when decision = 'fails' and is_preliminary then 'undecided' else coalesce(decision, 'undecided') end as outcome,
    is_preliminary, as_of, source_id, view_name
from judged
where is_date or not needs_date;

comment on view main.claim_evidence is 'Every figure on file that bears on a claim of the ledger, with what it says of it; claims shows the one that decides. The tolerances were fixed before any figure was looked at, the tests chosen with the views at hand; claim_frame names those that came after the first verdicts.';
comment on column main.claim_evidence.claim_id is 'The claim; see claims.';
comment on column main.claim_evidence.place is 'Place of the test among those of the claim, from 1.';
comment on column main.claim_evidence.kind is 'Kind of test: share, pair, rank, trend, together, versus, rate, total, event, count, same_day, own_figures, repository, entries, cases, compile, accuracy, measured or special. All tests of one kind share one query.';
comment on column main.claim_evidence.series_id is 'The series that was asked; null for benchmarks, repositories and events.';
comment on column main.claim_evidence.framework is 'The framework that the test is about; several with | stand for the best of them.';
comment on column main.claim_evidence.other is 'The one that it is set against.';
comment on column main.claim_evidence.operator is 'in: within the stated range; inside: both bounds within it; over, under: beyond the stated figure; ahead: surely better in at least half of the cases and worse in none; some: in one case at least; rarely: in less than half; equal: the same within the margin in at least half; tie: surely better in some cases and worse in others; up to: none above, and refuted only where the greatest surely is. One benchmark case alone decides of none of these, except that it can show some.';
comment on column main.claim_evidence.machine_id is 'The machine that measured it; null for other evidence.';
comment on column main.claim_evidence.population is 'Of whom or what the figure is; of a measurement the machine.';
comment on column main.claim_evidence.period_start is 'First day of the figure''s period; of a trend the first day of its first period. Null where the claim is tested on its own figures.';
comment on column main.claim_evidence.period_end is 'Last day of the period.';
comment on column main.claim_evidence.said_start is 'First day of the time that the claim is about; null where it names none.';
comment on column main.claim_evidence.said_end is 'Last day of that time.';
comment on column main.claim_evidence.is_population is 'Whether the figure is of the population that the claim names.';
comment on column main.claim_evidence.is_date is 'Whether it is of the time that the claim names; true where it names none.';
comment on column main.claim_evidence.can_age is 'Whether the claim is about a present that passes, so that a later figure can make it stale.';
comment on column main.claim_evidence.unit is 'share; share of both; ratio; place; growth; count; days; times as fast or as sparing of memory; year; yes or no; happened; a day; s; difference.';
comment on column main.claim_evidence.value is 'The figure, in the unit.';
comment on column main.claim_evidence.value_low is 'Lower end of its 95 % interval; of a special measurement of the range of its figures; the figure itself where it is a complete count or a published percentage; null where there is none.';
comment on column main.claim_evidence.value_high is 'Upper end.';
comment on column main.claim_evidence.accepted_low is 'From where the claim holds, tolerance included; null where there is no such end.';
comment on column main.claim_evidence.accepted_high is 'Up to where it holds.';
comment on column main.claim_evidence.n is 'Count behind the figure; of benchmark cases those in which the first side is surely ahead.';
comment on column main.claim_evidence.base is 'Its denominator; of benchmark cases all of them.';
comment on column main.claim_evidence.for_count is 'Benchmark cases in which the framework is surely ahead: the interval of the ratio lies wholly beyond the machine''s margin, and that of the tolerance.';
comment on column main.claim_evidence.against_count is 'Cases in which the other is.';
comment on column main.claim_evidence.same_count is 'Cases in which the whole interval lies within the margin.';
comment on column main.claim_evidence.cases_count is 'All cases; null outside benchmarks.';
comment on column main.claim_evidence.outcome is 'holds; fails where the whole interval lies outside; undecided.';
comment on column main.claim_evidence.is_preliminary is 'True where the publisher has announced or is known to revise the figure.';
comment on column main.claim_evidence.as_of is 'The day on which the figure was seen or measured.';
comment on column main.claim_evidence.source_id is 'Where it comes from; null for measurements.';
comment on column main.claim_evidence.view_name is 'The public view that it is read from.';
