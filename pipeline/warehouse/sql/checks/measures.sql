-- fail: Every measure is one of those the comment of adoption names
select series_id, measure, count(*) as rows_count
from adoption
where measure is null
   or measure not in ('mention', 'use', 'stars', 'downloads', 'respondents', 'models', 'entries',
                      'availability', 'questions', 'repositories', 'developers', 'posts', 'opinion', 'tags')
group by series_id, measure
order by all
