-- The Wilson interval of a share n / base at 95 %. Null where n or base is null or base is 0: no denominator, no
-- interval. 1.959963984540054 is the 97.5 % quantile of the standard normal distribution. At n = 0 and n = base
-- rounding can push an end past the share by 1e-16, so each end is held on its own side of the share.
create or replace macro wilson_low(n, base) as
    case when base > 0 and n is not null then least(n / base, greatest(0.0,
        (n / base + pow(1.959963984540054, 2) / (2 * base)
         - 1.959963984540054 * sqrt((n / base) * (1 - n / base) / base + pow(1.959963984540054 / (2 * base), 2)))
        / (1 + pow(1.959963984540054, 2) / base))) end;

create or replace macro wilson_high(n, base) as
    case when base > 0 and n is not null then greatest(n / base, least(1.0,
        (n / base + pow(1.959963984540054, 2) / (2 * base)
         + 1.959963984540054 * sqrt((n / base) * (1 - n / base) / base + pow(1.959963984540054 / (2 * base), 2)))
        / (1 + pow(1.959963984540054, 2) / base))) end;
