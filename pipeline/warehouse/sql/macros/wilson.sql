-- The Wilson interval of a share n / base at 95 %. Null where base is null or 0: no denominator, no interval.
-- 1.959963984540054 is the 97.5 % quantile of the standard normal distribution.
create or replace macro wilson_low(n, base) as
    case when base > 0 then greatest(0.0,
        (n / base + pow(1.959963984540054, 2) / (2 * base)
         - 1.959963984540054 * sqrt((n / base) * (1 - n / base) / base + pow(1.959963984540054 / (2 * base), 2)))
        / (1 + pow(1.959963984540054, 2) / base)) end;

create or replace macro wilson_high(n, base) as
    case when base > 0 then least(1.0,
        (n / base + pow(1.959963984540054, 2) / (2 * base)
         + 1.959963984540054 * sqrt((n / base) * (1 - n / base) / base + pow(1.959963984540054 / (2 * base), 2)))
        / (1 + pow(1.959963984540054, 2) / base)) end;
