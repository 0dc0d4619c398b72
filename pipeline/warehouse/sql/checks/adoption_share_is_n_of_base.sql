-- fail: A share is n / base wherever both are given and nothing is weighted, and there is none without a base unless only percentages were published
select series_id, population, period_start, framework, n, base, share, interval_method
from adoption
where (effective_base is null and abs(share - n / base) > 1e-9)
   or effective_base > base + 1e-9
   or (n is not null and base > 0 and share is null)
   or (share is not null and base is null and interval_method is distinct from 'none: only a percentage was published')
order by all
