-- warn: Answers to a survey that are counted one by one give the shares that its owner published
select distinct survey, edition_year, respondent_group
from main.survey_tallies
where denominator = 'neither'
order by all
