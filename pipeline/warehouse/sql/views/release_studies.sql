-- Grain: one row per studied release, series, framework (the released one, and each control) and quantity.
-- An interrupted time series with negative controls, registered before any figure was looked at: twelve months each
-- side of the release, its own month or period left out; months for downloads and for stars gained, else the periods of
-- the series; one segment of a series, its largest population; at least six periods on each side and three controls.
-- The window was first counted in days, which gave eleven months a side against these words; counted in months, seen
-- after the figures, the slope of TensorFlow 2.0 went from `cannot tell` to `moved together`.
-- Outcome: the logarithm of a framework's count to that of all controls together. A control has a figure in each of
-- the periods and no studied release of its own within two years of this one.
-- A straight line on each side: `level` is the gap between the two at the release, `slope` the change of steepness in a
-- year. Errors are widened by the autocorrelation from period to period. It was first taken as the residuals show it:
-- simulated, these show far too little of it in so few periods, and of 100 intervals 86 held the truth at 0.4 and 78 at
-- 0.6; corrected for it, 92 and 88. Seen after the figures, it took the slope of TensorFlow 2.0 back to `cannot tell`.
-- It is not the intervals with a high estimate that are too narrow, but those whose estimate is too low by chance.
-- A change is one to speak of from a quarter of the odds, ln 1.25. `moved together`: the interval leaves out 0 and at
-- most one control in five has one that does; `did not`: it holds 0 and a change to speak of would have been seen (80 %
-- power); else `cannot tell`.
create or replace view main.release_studies as
with released as (
    select event_id, framework, happened_on from ref.event where is_studied
),
sighted as (
    select
        series_id, if(measure = 'stars', 'the frameworks'' own repositories', population) as population, framework,
        break_id, measure,
        if(measure in ('downloads', 'stars'), date_trunc('month', period_end)::date, period_start) as step_start,
        arg_max(n, period_end) as n
    from main.adoption
    where n is not null
    group by all
),
counted as (
    select
        series_id, population, framework, break_id, step_start,
        if(
            measure = 'stars',
            n - lag(n) over (partition by series_id, population, framework, break_id order by step_start), n
        ) as n
    from sighted
),
-- The segment in which the release falls, in the population that counts the released framework most often.
held as (
    select event_id, happened_on, released.framework as released, series_id, population, break_id
    from released
    join counted using (framework)
    where abs(date_diff('month', happened_on, step_start)) <= 12 and n > 0
    group by event_id, happened_on, released.framework, series_id, population, break_id
    qualify row_number() over (
        partition by event_id, series_id order by count(*) desc, sum(n) desc, population, break_id
    ) = 1
),
step as (
    select
        held.event_id, held.happened_on, held.released, held.series_id, held.population, counted.framework,
        counted.step_start, counted.n, date_diff('day', held.happened_on, counted.step_start) / 365.25 as years,
        counted.step_start > held.happened_on as is_after
    from held
    join counted using (series_id, population, break_id)
    where abs(date_diff('month', held.happened_on, counted.step_start)) between 1 and 12
),
whole as (
    select event_id, series_id, framework
    from step
    where n > 0
    group by all
    having count(*) = max((
        select count(distinct every.step_start) from step every
        where every.event_id = step.event_id and every.series_id = step.series_id
    ))
),
control as (
    select whole.event_id, whole.series_id, whole.framework
    from whole
    join released own using (event_id)
    where not exists (
        from released other
        where other.framework = whole.framework
          and abs(date_diff('day', other.happened_on, own.happened_on)) <= 731
    )
),
together as (
    select step.event_id, step.series_id, step.step_start, sum(step.n) as controls_n, count(*) as controls_count
    from step
    join control using (event_id, series_id, framework)
    group by all
),
outcome as (
    select
        step.event_id, step.series_id, step.population, step.framework, step.released, step.step_start, step.is_after,
        step.years, step.n, together.controls_count,
        round(ln(step.n / (together.controls_n - if(step.framework = step.released, 0, step.n))), 9) as log_odds
    from step
    join whole using (event_id, series_id, framework)
    join together using (event_id, series_id, step_start)
    where step.framework = step.released or exists (
        from control
        where control.event_id = step.event_id and control.series_id = step.series_id
          and control.framework = step.framework and together.controls_count > 1
    )
),
line as (
    select
        event_id, series_id, framework, is_after, count(*) as steps_count, sum(n) as n,
        avg(years order by step_start) as mean_years, round(regr_sxx(log_odds, years order by step_start), 9) as spread,
        round(regr_slope(log_odds, years order by step_start), 9) as slope,
        round(regr_intercept(log_odds, years order by step_start), 9) as level
    from outcome
    group by all
),
left_over as (
    select
        outcome.event_id, outcome.series_id, outcome.framework, outcome.step_start,
        outcome.log_odds - line.level - line.slope * outcome.years as residual,
        lag(residual) over (
            partition by outcome.event_id, outcome.series_id, outcome.framework, outcome.is_after
            order by outcome.step_start
        ) as before
    from outcome
    join line using (event_id, series_id, framework, is_after)
),
noise as (
    select
        event_id, series_id, framework, count(*) as steps_count,
        sum(residual * residual order by step_start) as squares,
        -- What residuals of a line through k periods show is too little by (2 + 4 echo) / k (Marriott & Pope 1954).
        sum(residual * before order by step_start) / nullif(squares, 0) as shown,
        greatest(0, least(0.8, (shown * count(*) / 2 + 2) / nullif(count(*) / 2 - 4, 0))) as echo
    from left_over
    group by all
),
fitted as (
    select
        noise.event_id, noise.series_id, noise.framework, echo, noise.steps_count,
        before.steps_count as before_count, after.steps_count as after_count, before.n as before_n, after.n as after_n,
        after.level - before.level as level_change, after.slope - before.slope as slope_change,
        squares / (noise.steps_count - 4) * (1 + echo) / (1 - echo) as variance,
        1.0 / before.steps_count + 1.0 / after.steps_count
            + pow(before.mean_years, 2) / before.spread + pow(after.mean_years, 2) / after.spread as level_factor,
        1 / before.spread + 1 / after.spread as slope_factor
    from noise
    join line before on before.event_id = noise.event_id and before.series_id = noise.series_id
     and before.framework = noise.framework and not before.is_after
    join line after on after.event_id = noise.event_id and after.series_id = noise.series_id
     and after.framework = noise.framework and after.is_after
    where before.steps_count >= 6 and after.steps_count >= 6 and squares > 0
),
measured as (
    select
        event_id, series_id, framework, echo, steps_count, unnest(['level', 'slope']) as quantity,
        unnest([level_change, slope_change]) as change,
        unnest([sqrt(variance * level_factor), sqrt(variance * slope_factor)]) as standard_error,
        t_quantile(steps_count - 4) as quantile
    from fitted
),
judged as (
    select
        held.event_id, held.released, held.series_id, held.population, asked.framework, asked.quantity,
        round(change, 9) as change, round(change - quantile * standard_error, 9) as interval_low,
        round(change + quantile * standard_error, 9) as interval_high,
        round((quantile + 0.841621234) * standard_error, 9) as smallest_seen, round(echo, 9) as autocorrelation
    from held
    join (
        select event_id, series_id, released as framework, unnest(['level', 'slope']) as quantity from held
        union
        select event_id, series_id, framework, quantity from measured
    ) asked on asked.event_id = held.event_id and asked.series_id = held.series_id
    left join measured
      on measured.event_id = held.event_id and measured.series_id = held.series_id
     and measured.framework = asked.framework and measured.quantity = asked.quantity
),
steps as (
    select
        event_id, series_id, framework, count(*) filter (where not is_after) as before_count,
        count(*) filter (where is_after) as after_count, sum(n) filter (where not is_after) as before_n,
        sum(n) filter (where is_after) as after_n, min(step_start) as first_step, max(step_start) as last_step
    from step
    group by all
),
tallied as (
    select
        judged.event_id, judged.released, judged.series_id, judged.population, judged.framework, judged.quantity, judged.change,
        judged.interval_low, judged.interval_high, judged.smallest_seen, judged.autocorrelation,
        judged.framework <> judged.released as is_control,
        interval_low > 0 or interval_high < 0 as is_off_zero,
        count(*) filter (where judged.framework <> judged.released) over each_study as controls_count,
        count(*) filter (where judged.framework <> judged.released and (interval_low > 0 or interval_high < 0))
            over each_study as controls_moved_count
    from judged
    window each_study as (partition by judged.event_id, judged.series_id, judged.quantity)
)
select
    tallied.event_id,
    event.tool || ' ' || event.happened as release,
    event.happened_on,
    event.is_exact_day,
    tallied.series_id,
    coalesce(series.short_title, series.title) as series_title,
    tallied.population,
    tallied.framework,
    tallied.is_control,
    tallied.quantity,
    steps.first_step,
    steps.last_step,
    coalesce(steps.before_count, 0) as before_count,
    coalesce(steps.after_count, 0) as after_count,
    steps.before_n,
    steps.after_n,
    tallied.change,
    tallied.interval_low,
    tallied.interval_high,
    tallied.smallest_seen,
    tallied.autocorrelation,
    tallied.controls_count,
    tallied.controls_moved_count,
    case
        when is_control then null
        when change is null or controls_count < 3 then 'cannot tell'
        when is_off_zero and controls_moved_count * 5 <= controls_count then 'moved together'
        when not is_off_zero and smallest_seen <= ln(1.25) then 'did not'
        else 'cannot tell'
    end as verdict,
    case
        when is_control then null
        when least(steps.before_count, steps.after_count) < 6 then 'fewer than six periods on a side'
        when change is null then 'not counted in each period'
        when controls_count < 3 then 'fewer than three controls'
        when is_off_zero and controls_moved_count * 5 > controls_count then 'controls moved as well'
        when not is_off_zero and smallest_seen > ln(1.25) then 'a change of a quarter would not have been seen'
    end as reason
from tallied
left join steps
  on steps.event_id = tallied.event_id and steps.series_id = tallied.series_id and steps.framework = tallied.framework
left join ref.event event on event.event_id = tallied.event_id
left join ref.series series on series.series_id = tallied.series_id;

comment on view main.release_studies is 'Whether the counts of a framework changed level or slope at a dated release, in each series, beside frameworks without one (negative controls). Moved together, did not, or cannot tell: an association in time, no cause.';
comment on column main.release_studies.event_id is 'The release; see events.';
comment on column main.release_studies.release is 'It in words.';
comment on column main.release_studies.happened_on is 'Its day, or one by which it was out; see events.';
comment on column main.release_studies.is_exact_day is 'Whether it is the day itself.';
comment on column main.release_studies.series_id is 'The series; see series.';
comment on column main.release_studies.series_title is 'Its short title.';
comment on column main.release_studies.population is 'Its population with most counts of the released framework.';
comment on column main.release_studies.framework is 'The released framework, or a control.';
comment on column main.release_studies.is_control is 'Whether it had no studied release within two years of this one; competitors are among them.';
comment on column main.release_studies.quantity is 'level: the gap at the release between the lines before and after; slope: how much steeper the line is after, in a year.';
comment on column main.release_studies.first_step is 'First day of the first period of the window.';
comment on column main.release_studies.last_step is 'First day of its last period.';
comment on column main.release_studies.before_count is 'Periods before the release.';
comment on column main.release_studies.after_count is 'Periods after it.';
comment on column main.release_studies.before_n is 'What was counted of the framework in the periods before: the unit of the series; of stars those gained.';
comment on column main.release_studies.after_n is 'The same after it.';
comment on column main.release_studies.change is 'Change in log-odds against all (other) controls together; null where no line could be laid.';
comment on column main.release_studies.interval_low is 'Lower end of its 95 % interval (t, errors widened by the autocorrelation that the residuals show). Simulated with twelve periods a side, the truth lies in 96 to 97 of 100 such intervals where the true autocorrelation is 0.0, in 92 to 93 at 0.4, in 88 to 91 at 0.6 and in 81 to 89 at 0.8: the fewer for slopes. So few periods cannot tell which it is.';
comment on column main.release_studies.interval_high is 'Upper end of it.';
comment on column main.release_studies.smallest_seen is 'Smallest change in log-odds that would have been seen four times in five.';
comment on column main.release_studies.autocorrelation is 'Correlation of the errors with those a period before, from the residuals and corrected for what lines through so few periods hide of it, held between 0 and 0.8.';
comment on column main.release_studies.controls_count is 'Controls of this release, series and quantity.';
comment on column main.release_studies.controls_moved_count is 'Controls whose own interval leaves out 0.';
comment on column main.release_studies.verdict is 'moved together, did not, or cannot tell, for the released framework; null for controls.';
comment on column main.release_studies.reason is 'Why it cannot be told; null where it can.';
