-- Grain: one row per headline and deep-learning framework: its figure in the series that speaks for the topic, for the
-- population with the largest base, in the period that headlines shows. What the page's first screen draws.
create or replace view main.headline_shares as
with speaking as (
    select headline_id, series_id, series_title, population, period_start, period_end, evidence_day
    from main.headlines
    where speaking_place = 1 and population_place = 1
)
select
    speaking.headline_id,
    row_number() over (
        partition by speaking.headline_id
        order by coalesce(adoption.share, adoption.n) desc, adoption.n desc nulls last, adoption.framework
    ) as place,
    adoption.framework,
    speaking.series_id,
    speaking.series_title,
    speaking.population,
    speaking.period_start,
    speaking.period_end,
    adoption.n,
    adoption.base,
    adoption.share,
    adoption.interval_low,
    adoption.interval_high,
    adoption.interval_method,
    adoption.as_of
from speaking
join main.adoption
  on adoption.series_id = speaking.series_id and adoption.population = speaking.population
 and adoption.period_start = speaking.period_start
 and least(adoption.period_end, speaking.evidence_day) = speaking.period_end
join main.frameworks
  on frameworks.framework = adoption.framework and frameworks.is_deep_learning
 and frameworks.kind in ('framework', 'front-end')
where coalesce(adoption.share, adoption.n) > 0;

comment on view main.headline_shares is 'The frameworks behind each headline with their figures: of the series that speaks for the topic, its largest population and newest sound period. What the first screen of the page draws.';
comment on column main.headline_shares.headline_id is 'The topic; see headlines.';
comment on column main.headline_shares.place is '1 for the framework with the greatest figure.';
comment on column main.headline_shares.framework is 'A deep-learning framework or a front-end to some, with a figure above zero; see frameworks.';
comment on column main.headline_shares.series_id is 'The series that speaks; see series.';
comment on column main.headline_shares.series_title is 'Its title.';
comment on column main.headline_shares.population is 'Of whom or what: of several the one with the largest base.';
comment on column main.headline_shares.period_start is 'First day of the period.';
comment on column main.headline_shares.period_end is 'Last day of it, at most the day of the evidence.';
comment on column main.headline_shares.n is 'The count, in the unit of the series; null where only a percentage was published.';
comment on column main.headline_shares.base is 'The denominator of share; null where no honest one exists (stars, downloads, developers by topic).';
comment on column main.headline_shares.share is 'n as a fraction of base; of several frameworks named by one subject the shares can add to more than one.';
comment on column main.headline_shares.interval_low is 'Lower end of the 95 % interval of share; null where interval_method says why.';
comment on column main.headline_shares.interval_high is 'Upper end of it.';
comment on column main.headline_shares.interval_method is 'How the interval was made, or why there is none.';
comment on column main.headline_shares.as_of is 'The day on which the figure was seen.';
