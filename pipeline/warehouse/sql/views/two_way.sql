-- Grain: one row per series, population and period for which both of compared_frameworks() have a figure.
create or replace view main.two_way as
select
    series_id,
    population,
    period_start,
    period_end,
    measure,
    first_n as pytorch_n,
    second_n as tensorflow_n,
    base,
    both_n,
    first_share as pytorch_share,
    interval_low,
    interval_high,
    interval_method,
    case when first_share > 0 and first_share < 1 then ln(first_share / (1 - first_share)) end as log_odds,
    leader,
    break_id,
    as_of,
    source_id,
    is_preliminary
from main.pairwise
where first = compared_frameworks()[1] and second = compared_frameworks()[2];

comment on view main.two_way is 'PyTorch against TensorFlow, wherever one series has a figure for both in the same population and period.';
comment on column main.two_way.series_id is 'The series; see series.';
comment on column main.two_way.population is 'Of whom or what; for stars the two frameworks'' own repositories.';
comment on column main.two_way.period_start is 'First day of the period.';
comment on column main.two_way.period_end is 'Last day of the period.';
comment on column main.two_way.measure is 'What is counted, as in adoption.';
comment on column main.two_way.pytorch_n is 'Count for PyTorch; null where only a percentage was published.';
comment on column main.two_way.tensorflow_n is 'Count for TensorFlow; null where only a percentage was published.';
comment on column main.two_way.base is 'Both counts together; a subject that names both is in it twice.';
comment on column main.two_way.both_n is 'Respondents who named both; null where single answers are not known.';
comment on column main.two_way.pytorch_share is 'PyTorch''s part of the two together, 0 to 1; from the published or weighted shares where the counts do not give it.';
comment on column main.two_way.interval_low is 'Lower end of the 95 % interval of pytorch_share; null where interval_method says why.';
comment on column main.two_way.interval_high is 'Upper end of the 95 % interval of pytorch_share.';
comment on column main.two_way.interval_method is 'How the interval was made, or why there is none; see pairwise.';
comment on column main.two_way.log_odds is 'Natural logarithm of PyTorch to TensorFlow: 0 is even, 0.69 twice as much; null where one side is zero.';
comment on column main.two_way.leader is 'pytorch or tensorflow where the whole interval (without a sample: see pairwise) lies on its side, else: cannot tell. A series may demand a least count of subjects for any verdict; see verdict_base in series.';
comment on column main.two_way.break_id is 'The segment of the series; only figures of one segment compare.';
comment on column main.two_way.as_of is 'The older of the two figures'' days.';
comment on column main.two_way.source_id is 'Where the figures come from.';
comment on column main.two_way.is_preliminary is 'True where either figure is preliminary.';
