-- Grain: one row per test of the kind cases and machine: one framework and mode against another over benchmark cases.
-- Each side is the quickest (or the most sparing) of the frameworks and modes that the test names, in the same run.
create or replace view claim_test.cases as
with launched as (
    select
        run_id, case_name, size, dtype, device, framework, mode,
        min(case when device = 'cpu' then peak_memory_bytes else device_peak_bytes end) as least_peak_bytes
    from core.bench_variant
    group by all
),
side as (
    select
        test.claim_id, test.place, run.machine_id, run.run_id, run.case_name, run.size, run.dtype, run.device,
        list_contains(string_split(test.framework, '|'), run.framework)
            and (test.mode is null or list_contains(string_split(test.mode, '|'), run.mode)) as is_first,
        list_contains(string_split(test.other, '|'), run.framework)
            and (test.other_mode is null or list_contains(string_split(test.other_mode, '|'), run.mode)) as is_other,
        coalesce(test.measure, 'time') = 'memory' as is_memory,
        run.step_seconds_median, run.step_seconds_low, run.step_seconds_high, run.margin_fraction,
        case when run.device = 'cpu' then run.peak_memory_bytes else run.device_peak_bytes end as peak_bytes,
        launched.least_peak_bytes,
        run.measured_at
    from ref.claim_test test
    join main.performance run
      on regexp_matches(run.case_name, coalesce(test.cases, '')) and run.size = coalesce(test.size, run.size)
     and (test.device is null or run.device = test.device
          or (test.device = 'accelerator' and run.device <> 'cpu'))
    left join launched
      on launched.run_id = run.run_id and launched.case_name = run.case_name and launched.size = run.size
     and launched.dtype = run.dtype and launched.device = run.device and launched.framework = run.framework
     and launched.mode = run.mode
    where test.kind = 'cases' and run.outcome = 'measured' and run.stability = 'stable'
      and coalesce(run.outputs_agree, true)
),
amount as (
    select
        claim_id, place, machine_id, run_id, case_name, size, dtype, device, is_first, is_other, measured_at, is_memory,
        case when is_memory then peak_bytes else step_seconds_median end::double as value,
        -- A peak is that of the launch that took most; from one launch to the next it differs by more than the margin in
        -- a fifth of the variants, so their range is its interval.
        case when is_memory then coalesce(least_peak_bytes, peak_bytes) else step_seconds_low end::double as low,
        case when is_memory then peak_bytes else step_seconds_high end::double as high,
        case when is_memory then 0 else margin_fraction end as margin
    from side
    -- Below ten megabytes the pages that an allocator takes at a time are all that is seen.
    where not is_memory or peak_bytes > 10000000
),
compared as (
    select
        claim_id, place, machine_id, case_name, size, dtype, device,
        max(measured_at) as measured_at, max(margin) as margin,
        min(value) filter (where is_other) / min(value) filter (where is_first) as ratio,
        -- Two intervals together are as wide as the root of the sum of their squares, as in mode_speedups.
        exp(sqrt(
            pow(ln(arg_min(high / low, value) filter (where is_other)) / 2, 2)
            + pow(ln(arg_min(high / low, value) filter (where is_first)) / 2, 2)
        )) as reach,
        ratio / reach as ratio_low,
        ratio * reach as ratio_high
    from amount
    where is_first or is_other
    group by claim_id, place, machine_id, run_id, case_name, size, dtype, device
    having count(*) filter (where is_first) > 0 and count(*) filter (where is_other) > 0
),
judged as (
    select
        compared.claim_id, compared.place, compared.machine_id, compared.device, compared.measured_at, compared.ratio,
        compared.ratio_low, compared.ratio_high, test.operator, coalesce(test.measure, 'time') = 'memory' as is_memory,
        1 + greatest(coalesce(tolerance.margin, 0), compared.margin) as edge
    from compared
    join ref.claim_test test on test.claim_id = compared.claim_id and test.place = compared.place
    join ref.claim said on said.claim_id = compared.claim_id
    join ref.claim_tolerance tolerance
      on tolerance.tolerance_class = coalesce(test.tolerance_class, said.tolerance_class)
),
tally as (
    select
        claim_id, place, machine_id, operator, is_memory, string_agg(distinct device, ', ' order by device) as devices,
        max(measured_at)::date as measured_on,
        count(*)::integer as cases_count,
        count(*) filter (where ratio_low > edge)::integer as for_count,
        count(*) filter (where ratio_high < 1 / edge)::integer as against_count,
        count(*) filter (where ratio_low >= 1 / edge and ratio_high <= edge)::integer as same_count,
        median(ratio) as middle, max(ratio) as greatest, arg_max(ratio_low, ratio) as greatest_low,
        arg_max(ratio_high, ratio) as greatest_high,
        list_sort(list(ratio_low)) as lows, list_sort(list(ratio_high)) as highs,
        -- The place in order at which the 95 % interval of a median begins.
        greatest(1, floor(count(*) / 2 - 0.98 * sqrt(count(*))))::integer as start
    from judged
    group by claim_id, place, machine_id, operator, is_memory
)
select
    claim_id, place, tally.machine_id, machine.title || ' (' || devices || ')' as population,
    measured_on as period_start, measured_on as period_end,
    if(is_memory, 'times as sparing of memory', 'times as fast') as unit,
    case when operator = 'up to' then greatest else middle end as value,
    case when operator = 'up to' then greatest_low else lows[start] end as value_low,
    case when operator = 'up to' then greatest_high else highs[cases_count + 1 - start] end as value_high,
    for_count::double as n, cases_count::double as base, for_count, against_count, same_count, cases_count,
    false as is_preliminary, measured_on as as_of, null::varchar as source_id, 'performance' as view_name
from tally
join core.machine machine on machine.machine_id = tally.machine_id;

comment on view claim_test.cases is 'Tests by measurement: step times or peak memory of two sides over the benchmark cases of each machine.';
comment on column claim_test.cases.value is 'Median over the cases of how many times as fast, or as sparing of memory, the first side is; with the interval of that median; of memory each side has the range of its launches. Of an upper limit: the greatest, with its own interval.';
comment on column claim_test.cases.n is 'Cases in which the first side is surely ahead; base counts all cases.';
