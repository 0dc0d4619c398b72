-- fail: Where a subject has exactly one framework, the shares of a period add to one
select series_id, population, period_start, sum(share) as shares_sum
from adoption
where series_id in ('papers.conference_mentions', 'papers.code_links', 'mlperf.training_entries',
                    'mlperf.inference_entries') and base > 0
group by series_id, population, period_start
having abs(sum(share) - 1) > 1e-6
order by all
