-- Why a figure cannot be, so that it is withheld alone and stops no other; null for a sound one. Judged against the
-- last day of the newest run: a source may send a year 2099, and did.
create or replace macro figure_fault(period_start, period_end, n, base) as
    case
        when period_start is null or period_end is null then 'it has no period'
        when period_end < period_start then 'its period ends before it begins'
        when period_start > newest_run_day() then 'its period lies in the future'
        when n < 0 or base < 0 then 'a count lies below zero'
        when n > base then 'a part is greater than its whole'
    end;
