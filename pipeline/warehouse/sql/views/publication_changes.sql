-- Grain: one row per number and release in which it was first shown, moved, or was shown no more.
-- A change has two steps, and the parts of both sum to it. First the revision of the period that was shown before: all
-- of it is the rules' where they are others, since what came in beside cannot be told apart; else as much as subjects
-- that were added can explain, of n no more than of base, is theirs, and the rest is a correction. Then the step to what
-- is shown now: another period of the same series is new subjects; another series, population or segment is a break.
create or replace view main.publication_changes as
with step as (
    select
        number_id, release_id, published_at, kind, topic, framework, series_id, population, period_start, period_end,
        break_id, figure, value, n, base, ruleset_id, restated_value, restated_n, restated_base, restated_ruleset_id,
        row_number() over in_order as place,
        lag(release_id) over in_order as release_before,
        lag(published_at) over in_order as published_before_at,
        lag(series_id) over in_order as series_before,
        lag(population) over in_order as population_before,
        lag(period_start) over in_order as period_before_start,
        lag(period_end) over in_order as period_before_end,
        lag(break_id) over in_order as break_before,
        lag(figure) over in_order as figure_before,
        lag(value) over in_order as value_before,
        lag(n) over in_order as n_before,
        lag(base) over in_order as base_before,
        lag(ruleset_id) over in_order as ruleset_before,
        lag(as_of) over in_order as as_of_before
    from main.publications
    window in_order as (partition by number_id order by published_at nulls first, release_id)
),
placed as (
    select
        number_id, release_id, published_at, kind, topic, framework, series_id, population, period_start, period_end,
        figure, value, n, base, ruleset_id, place, release_before, published_before_at, period_before_start,
        figure_before, value_before, n_before, base_before, ruleset_before,
        row(series_id, population, break_id) is distinct from row(series_before, population_before, break_before)
            as is_elsewhere,
        kind <> 'series' and row(series_id, population, period_start)
            is distinct from row(series_before, population_before, period_before_start) as is_other_period,
        coalesce(as_of_before <= period_before_end, true) or kind = 'series' and period_end > period_before_end as was_running,
        restated_value, restated_n, restated_base, restated_ruleset_id
    from step
    where place = 1 or row(figure, value) is distinct from row(figure_before, value_before)
),
revised as (
    select
        number_id, release_id, published_at, kind, topic, framework, series_id, population, period_start, period_end,
        figure, value, n, base, ruleset_id, place, release_before, published_before_at, period_before_start,
        figure_before, value_before, n_before, base_before, ruleset_before, is_elsewhere, is_other_period, was_running,
        case when is_other_period then coalesce(restated_value, value_before)
             when is_elsewhere then value_before else value end as then_value,
        case when is_other_period then restated_n when not is_elsewhere then n end as then_n,
        case when is_other_period then restated_base when not is_elsewhere then base end as then_base,
        case when is_other_period then restated_ruleset_id when not is_elsewhere then ruleset_id end as then_ruleset_id
    from placed
),
explained as (
    select
        number_id, release_id, published_at, kind, topic, framework, series_id, population, period_start, period_end,
        figure, value, n, base, ruleset_id, place, release_before, published_before_at, period_before_start,
        figure_before, value_before, n_before, base_before, ruleset_before, is_elsewhere, is_other_period, was_running,
        -- What rests on no series is no count of subjects by period: a fact's date, or a measurement.
        series_id is not null and coalesce(period_start >= period_before_start, true) as is_later,
        then_value - value_before as revision, value - then_value as step,
        coalesce(then_ruleset_id <> ruleset_before, false) as is_recounted,
        case
            when then_n is null then 0
            when base_before is null and then_base is null
                then if(then_value > value_before, then_value - value_before, 0)
            -- A weighted share is not n of base, and what moved it cannot be told from these.
            when base_before is null or then_base is null or base_before = 0 or then_base = 0
                or abs(value_before - n_before / base_before) > 1e-6 or abs(then_value - then_n / then_base) > 1e-6 then 0
            when then_n >= n_before and then_n - n_before <= then_base - base_before then then_value - value_before
            else round(
                (n_before + least(greatest(then_n - n_before, 0), greatest(then_base - base_before, 0)))
                / (base_before + greatest(then_base - base_before, 0)), 9
            ) - value_before
        end as added
    from revised
),
parts as (
    select
        number_id, release_id, published_at, kind, topic, framework, series_id, population, period_start, period_end,
        figure, value, n, base, ruleset_id, place, release_before, published_before_at, period_before_start,
        figure_before, value_before, n_before, base_before, ruleset_before, is_elsewhere, was_running,
        value - value_before as change,
        if(was_running and not is_recounted, added, 0)
            + if(not is_elsewhere and is_later, step, 0) as new_subjects,
        if(was_running or is_recounted, 0, added) as late_arrivals,
        if(is_elsewhere, step, 0) as source_break,
        if(is_recounted, revision, 0) as rule_change,
        if(is_recounted, 0, revision - added)
            + if(is_elsewhere or is_later, 0, step) as correction
    from explained
)
select
    number_id, release_id, published_at, kind, topic, framework, series_id, population, period_start, period_end,
    release_before, published_before_at, figure_before, figure, value_before, value, n_before, n, base_before, base,
    change,
    if(change is null, null, new_subjects) as new_subjects,
    if(change is null, null, late_arrivals) as late_arrivals,
    if(change is null, null, source_break) as source_break,
    if(change is null, null, rule_change) as rule_change,
    if(change is null, null, correction) as correction,
    case
        when place = 1 then 'first published'
        when value is null and figure is null then 'shown no more'
        when change <> 0 and greatest(abs(new_subjects), abs(late_arrivals), abs(source_break), abs(rule_change), abs(correction)) > 0
            then case greatest(abs(new_subjects), abs(late_arrivals), abs(source_break), abs(rule_change), abs(correction))
                when abs(new_subjects) then 'new subjects'
                when abs(late_arrivals) then 'late arrivals'
                when abs(source_break) then 'source break'
                when abs(rule_change) then 'rule change'
                else 'correction'
            end
        when value is null and value_before is not null then 'correction'
        when is_elsewhere and (kind = 'answer' or value_before is not null) then 'source break'
        when ruleset_id <> ruleset_before then 'rule change'
        when series_id is not null and (period_start > period_before_start or period_before_start is null)
            or n > n_before or base > base_before then 'new subjects'
        when is_elsewhere then 'source break'
        when kind = 'series' and was_running then 'new subjects'
        else 'correction'
    end as reason
from parts;

comment on view main.publication_changes is 'What moved from one release to the next, and why: each change of a published number in parts that sum to it. How the parts are told apart stands in the comments of the view''s file.';
comment on column main.publication_changes.number_id is 'The number; see publications.';
comment on column main.publication_changes.release_id is 'The release that showed it so first.';
comment on column main.publication_changes.published_at is 'When the run of that release began, UTC; null outside a run.';
comment on column main.publication_changes.kind is 'answer, share, comparison, claim, speed or series; see publications.';
comment on column main.publication_changes.topic is 'The topic, claim, or device and mode; null elsewhere.';
comment on column main.publication_changes.framework is 'The framework whose figure it is.';
comment on column main.publication_changes.series_id is 'The series that it is taken from now.';
comment on column main.publication_changes.population is 'Of whom or what it is now.';
comment on column main.publication_changes.period_start is 'First day of the period that is shown now.';
comment on column main.publication_changes.period_end is 'Last day of that period.';
comment on column main.publication_changes.release_before is 'The release that showed the number before it moved; null where it is new.';
comment on column main.publication_changes.published_before_at is 'When the run of that one began, UTC.';
comment on column main.publication_changes.figure_before is 'What was said in words before.';
comment on column main.publication_changes.figure is 'What is said in words now.';
comment on column main.publication_changes.value_before is 'The number before; in the unit of publications.';
comment on column main.publication_changes.value is 'The number now; null where it is shown no more.';
comment on column main.publication_changes.n_before is 'The count before.';
comment on column main.publication_changes.n is 'The count now.';
comment on column main.publication_changes.base_before is 'Of how many before.';
comment on column main.publication_changes.base is 'Of how many now; null where no honest denominator exists.';
comment on column main.publication_changes.change is 'value less value_before; null where there is no number before or none now. The five parts sum to it.';
comment on column main.publication_changes.new_subjects is 'The part by subjects that had not been there: of a later period, or of one that was still running when it was published.';
comment on column main.publication_changes.late_arrivals is 'The part by subjects that were added to a period that was over when it was published.';
comment on column main.publication_changes.source_break is 'The part by another series, population or segment that speaks now.';
comment on column main.publication_changes.rule_change is 'The part by other rules of counting, with what came in beside them.';
comment on column main.publication_changes.correction is 'The rest: what was published is counted otherwise now, or was taken back; also of percentages without counts and of measurements made anew.';
comment on column main.publication_changes.reason is 'The greatest part; of words the kind of what changed below them; or first published, or shown no more.';
