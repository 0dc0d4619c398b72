-- fail: Shares, intervals and bounds lie between 0 and 1 and hold the share, and n lies between 0 and base
select series_id, population, period_start, framework, n, base, share, interval_low, interval_high, bound_low, bound_high
from adoption
where n < 0 or base < 0 or n > base
   or share not between 0 and 1
   or interval_low not between 0 and share or interval_high not between share and 1
   or bound_low not between 0 and share or bound_high not between share and 1
   or isnan(share) or isnan(interval_low) or isnan(interval_high) or isnan(bound_low) or isnan(bound_high)
order by all
