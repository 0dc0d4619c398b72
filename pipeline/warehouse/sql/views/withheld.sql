-- Grain: one row per value that is not shown.
create or replace view main.withheld as
select
    source_id, question as subject, quantity, found_count, last_good_count, reason, held_at::date as withheld_on
from ops.held_value
union all
select
    source_id, concat_ws(', ', series_id, population, framework, period_start::varchar) as subject, 'n' as quantity,
    n as found_count, null as last_good_count, figure_fault(period_start, period_end, n, base) as reason,
    as_of as withheld_on
from metric.figures
where is_newest and figure_fault(period_start, period_end, n, base) is not null;

comment on view main.withheld is 'Single values that are on file and not believed, each with its reason; none of them is in any figure. One that differs too much from the last good run is let in when a run on a later day repeats it, a zero only by `observatory collect SOURCE --accept`.';
comment on column main.withheld.source_id is 'Where the value comes from.';
comment on column main.withheld.subject is 'What was counted: the question and its period, or the series, population, framework and period.';
comment on column main.withheld.quantity is 'The number that is withheld.';
comment on column main.withheld.found_count is 'The number that was delivered.';
comment on column main.withheld.last_good_count is 'The last good number it was judged against; null for a figure that cannot be by itself.';
comment on column main.withheld.reason is 'Why it is not believed.';
comment on column main.withheld.withheld_on is 'Day on which it was delivered.';
