-- Grain: one row per series, population and period for which both of compared_frameworks() have a figure.
-- The share is PyTorch's of the two together. Where a subject may name both (surveys), it counts on both sides, and
-- the Wilson interval on the sum of both counts is then too wide rather than too narrow. Where shares are weighted,
-- so is this one, and the sum of both counts shrinks by the design effect of the whole sample.
create or replace view main.two_way as
with figure as (
    select
        series_id,
        -- Stars belong to one repository each, so the two frameworks never share a population.
        case when measure = 'stars' then 'the frameworks'' own repositories' else population end as population,
        period_start, period_end, measure, framework = compared_frameworks()[1] as is_pytorch, n, share, interval_method, break_id,
        as_of, source_id, is_preliminary, effective_base / base as effective_fraction
    from main.adoption
    where list_contains(compared_frameworks(), framework)
      -- Opinions are shares of each framework's own users: the two have no common whole.
      and measure <> 'opinion'
),
pair as (
    select
        series_id, population, period_start, period_end, measure,
        -- A count that is missing on one row makes the sum unknown, not smaller.
        case when bool_and(n is not null) then sum(n) filter (where is_pytorch) end::bigint as pytorch_n,
        case when bool_and(n is not null) then sum(n) filter (where not is_pytorch) end::bigint as tensorflow_n,
        sum(share) filter (where is_pytorch) as pytorch_alone,
        sum(share) filter (where not is_pytorch) as tensorflow_alone,
        min(interval_method) filter (where is_pytorch) as interval_method,
        bool_and(interval_method like 'none: census%') as is_census,
        min(break_id) filter (where is_pytorch) as break_id,
        min(as_of) as as_of,
        min(source_id) filter (where is_pytorch) as source_id,
        bool_or(is_preliminary) as is_preliminary,
        min(effective_fraction) as effective_fraction
    from figure
    group by series_id, population, period_start, period_end, measure
    having bool_or(is_pytorch) and bool_or(not is_pytorch)
),
compared as (
    select
        series_id, population, period_start, period_end, measure, pytorch_n, tensorflow_n,
        pytorch_n + tensorflow_n as base,
        case
            when effective_fraction is not null and pytorch_alone + tensorflow_alone > 0
                then pytorch_alone / (pytorch_alone + tensorflow_alone)
            when pytorch_n + tensorflow_n > 0 then pytorch_n / (pytorch_n + tensorflow_n)
            when pytorch_n is null and pytorch_alone + tensorflow_alone > 0
                then pytorch_alone / (pytorch_alone + tensorflow_alone)
        end as pytorch_share,
        (pytorch_n + tensorflow_n) * effective_fraction as effective_base,
        interval_method, is_census, break_id, as_of, source_id, is_preliminary
    from pair
),
measured as (
    select
        series_id, population, period_start, period_end, measure, pytorch_n, tensorflow_n, base, pytorch_share,
        case when is_census then null when effective_base is null then wilson_low(pytorch_n, base)
             else wilson_low(pytorch_share * effective_base, effective_base) end as interval_low,
        case when is_census then null when effective_base is null then wilson_high(pytorch_n, base)
             else wilson_high(pytorch_share * effective_base, effective_base) end as interval_high,
        case when is_census or base is null or effective_base > 0 then interval_method
             when base = 0 then 'none: neither was found' else 'Wilson 95 %' end as interval_method,
        is_census, break_id, as_of, source_id, is_preliminary
    from compared
)
select
    measured.series_id,
    measured.population,
    period_start,
    period_end,
    measured.measure,
    pytorch_n,
    tensorflow_n,
    base,
    pytorch_share,
    interval_low,
    interval_high,
    interval_method,
    case when pytorch_share > 0 and pytorch_share < 1 then ln(pytorch_share / (1 - pytorch_share)) end as log_odds,
    case
        -- A subject may name both: at least as many as the greater count name one of the two.
        when greatest(pytorch_n, tensorflow_n) < series.verdict_base then 'cannot tell'
        when interval_low > 0.5 or (is_census and pytorch_n > tensorflow_n) then compared_frameworks()[1]
        when interval_high < 0.5 or (is_census and pytorch_n < tensorflow_n) then compared_frameworks()[2]
        else 'cannot tell'
    end as leader,
    break_id,
    as_of,
    measured.source_id,
    is_preliminary
from measured
left join ref.series series on series.series_id = measured.series_id;

comment on view main.two_way is 'PyTorch against TensorFlow, wherever one series has a figure for both in the same population and period.';
comment on column main.two_way.series_id is 'The series; see series.';
comment on column main.two_way.population is 'Of whom or what; for stars the two frameworks'' own repositories.';
comment on column main.two_way.period_start is 'First day of the period.';
comment on column main.two_way.period_end is 'Last day of the period.';
comment on column main.two_way.measure is 'What is counted, as in adoption.';
comment on column main.two_way.pytorch_n is 'Count for PyTorch; null where only a percentage was published.';
comment on column main.two_way.tensorflow_n is 'Count for TensorFlow; null where only a percentage was published.';
comment on column main.two_way.base is 'Both counts together; a subject that names both is in it twice.';
comment on column main.two_way.pytorch_share is 'PyTorch''s part of the two together, 0 to 1; from the published percentages where there are no counts, and from the weighted shares where adoption has an effective_base.';
comment on column main.two_way.interval_low is 'Lower end of the 95 % Wilson interval of pytorch_share; null where interval_method says why.';
comment on column main.two_way.interval_high is 'Upper end of the 95 % Wilson interval of pytorch_share.';
comment on column main.two_way.interval_method is 'How the interval was made, or why there is none.';
comment on column main.two_way.log_odds is 'Natural logarithm of PyTorch to TensorFlow: 0 is even, 0.69 twice as much; null where one side is zero.';
comment on column main.two_way.leader is 'pytorch or tensorflow where the whole interval (for a census the count) lies on its side, else: cannot tell. A series may demand a least count of subjects for any verdict; see verdict_base in series.';
comment on column main.two_way.break_id is 'The segment of the series; only figures of one segment compare.';
comment on column main.two_way.as_of is 'The older of the two figures'' days.';
comment on column main.two_way.source_id is 'Where the figures come from.';
comment on column main.two_way.is_preliminary is 'True where either figure is preliminary.';
