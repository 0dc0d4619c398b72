-- Grain: one row per way to count PyTorch against TensorFlow in the sampled code of papers.
-- Every choice here can be defended; the one that the page's figure follows was fixed before the others were counted and
-- is marked. The rest show how much hangs on it (multiverse analysis: Steegen et al. 2016; specification curve:
-- Simonsohn et al. 2020). They share one sample, so their intervals say nothing of each other.
create or replace view main.multiverse as
with newest as (
    select max(edition_year) as newest_year from main.sampled_paper_code where outcome = 'with code'
),
frame as (
    select source_id, edition_year, unnest(['all', research_field]) as population, entries_count
    from core.sampling_frame
),
listed as (
    select source_id, edition_year, population, sum(entries_count) as frame_count from frame group by all
),
drawn as (
    select
        source_id, series_id, population, edition_year, outcome, frameworks, families,
        count(*) over (partition by source_id, series_id, population, edition_year) as drawn_count
    from main.sampled_paper_code
),
repository as (
    select
        drawn.series_id, drawn.population, drawn.edition_year, listed.frame_count / drawn.drawn_count as frame_weight,
        front_end.choice as front_ends,
        list_contains(if(front_end.choice = 'left out', drawn.frameworks, drawn.families), compared_frameworks()[1])
            as has_first,
        list_contains(if(front_end.choice = 'left out', drawn.frameworks, drawn.families), compared_frameworks()[2])
            as has_second
    from drawn
    join listed using (source_id, edition_year, population)
    cross join (select unnest(['as what they run on', 'left out']) as choice) front_end
    where drawn.outcome = 'with code' and drawn.population in ('all', 'vision')
),
counted as (
    select
        repository.series_id, repository.population, years.choice as years, repository.front_ends,
        overlap.choice as overlap, weighting.choice as weighting,
        if(weighting.choice = 'by the size of each list', repository.frame_weight, 1) as weight,
        case
            when not (has_first and has_second) or overlap.choice = 'for each' then 1
            when overlap.choice = 'half for each' then 0.5
            else 0
        end::double as part,
        has_first, has_second
    from repository
    cross join newest
    cross join (select unnest(['newest year', 'two newest years']) as choice) years
    cross join (select unnest(['for each', 'half for each', 'for neither']) as choice) overlap
    cross join (select unnest(['by the size of each list', 'each the same']) as choice) weighting
    where (has_first or has_second)
      and edition_year >= newest_year - if(years.choice = 'newest year', 0, 1)
      -- Weights are those of years: within one they are all the same.
      and (years.choice <> 'newest year' or weighting.choice = 'each the same')
),
summed as (
    select
        series_id, population, years, front_ends, overlap, weighting,
        sum(part * has_first::integer) as first_n, sum(part * has_second::integer) as second_n,
        -- Rounded, since the last digits of a sum hang on its order, which is another in every run.
        round(sum(weight * part * has_first::integer), 6) as first_weight,
        round(sum(weight * part * (has_first::integer + has_second::integer)), 6) as all_weight,
        round(
            pow(sum(weight * part * (has_first::integer + has_second::integer)), 2)
                / nullif(sum(pow(weight, 2) * part * (has_first::integer + has_second::integer)), 0), 6
        ) as effective_base
    from counted
    group by series_id, population, years, front_ends, overlap, weighting
    having all_weight > 0
),
ranged as (
    select
        series_id, population, years, front_ends, overlap, weighting, first_n, second_n,
        first_weight / all_weight as first_share, effective_base,
        wilson_low(first_weight / all_weight * effective_base, effective_base) as interval_low,
        wilson_high(first_weight / all_weight * effective_base, effective_base) as interval_high,
        series_id = 'papers.code_own_framework' and population = 'all' and years = 'two newest years'
            and front_ends = 'as what they run on' and overlap = 'for each'
            and weighting = 'by the size of each list' as is_declared
    from summed
),
told as (
    select
        ranged.series_id, series.title as series_title, ranged.population, ranged.years, ranged.front_ends,
        ranged.overlap, ranged.weighting, ranged.first_n, ranged.second_n, ranged.effective_base, ranged.first_share,
        ranged.interval_low, ranged.interval_high,
        case
            when greatest(ranged.first_n, ranged.second_n) < series.verdict_base then 'cannot tell'
            when ranged.interval_low > 0.5 then compared_frameworks()[1]
            when ranged.interval_high < 0.5 then compared_frameworks()[2]
            else 'cannot tell'
        end as framework,
        ranged.is_declared
    from ranged
    left join ref.series series on series.series_id = ranged.series_id
)
select
    row_number() over (
        order by first_share, interval_low, series_id, population, years, front_ends, overlap, weighting
    ) as place,
    series_id,
    series_title,
    population,
    years,
    front_ends,
    overlap,
    weighting,
    first_n,
    second_n,
    effective_base,
    first_share,
    interval_low,
    interval_high,
    framework,
    is_declared,
    count(*) over () as ways_count,
    count(*) filter (where framework = compared_frameworks()[1]) over () as first_leads_count,
    count(*) filter (where framework = compared_frameworks()[2]) over () as second_leads_count
from told;

comment on view main.multiverse is 'PyTorch''s part of the two in papers'' own code, counted in every way that can be defended; the way of the page''s figure is marked.';
comment on column main.multiverse.place is '1 for the way with the least share for PyTorch, then on up.';
comment on column main.multiverse.series_id is 'What counts as use: what the paper''s own code is written in, what any of its code imports, or what it declares.';
comment on column main.multiverse.series_title is 'That in words.';
comment on column main.multiverse.population is 'all, or vision alone.';
comment on column main.multiverse.years is 'newest year, or two newest years.';
comment on column main.multiverse.front_ends is 'Whether a front-end such as Keras counts as what it runs on or is left out.';
comment on column main.multiverse.overlap is 'How a repository with both counts: for each, half for each, or for neither.';
comment on column main.multiverse.weighting is 'by the size of each list: each year weighs as many papers as its list holds; or each repository the same.';
comment on column main.multiverse.first_n is 'Repositories counted for PyTorch; halves where overlap says so.';
comment on column main.multiverse.second_n is 'Repositories counted for TensorFlow.';
comment on column main.multiverse.effective_base is 'Counts of an unweighted sample of the same precision (Kish).';
comment on column main.multiverse.first_share is 'PyTorch''s part of the two together, 0 to 1.';
comment on column main.multiverse.interval_low is 'Lower end of the Wilson 95 % interval at effective_base.';
comment on column main.multiverse.interval_high is 'Upper end of it.';
comment on column main.multiverse.framework is 'On whose side of the two the whole interval lies, else: cannot tell; that too where fewer name either than the series demands for a verdict (verdict_base in series), as in pairwise.';
comment on column main.multiverse.is_declared is 'True for the one way that was fixed beforehand: that of the headline.';
comment on column main.multiverse.ways_count is 'All ways; the same in every row.';
comment on column main.multiverse.first_leads_count is 'Ways in which PyTorch surely leads; the same in every row.';
comment on column main.multiverse.second_leads_count is 'Ways in which TensorFlow surely leads; the same in every row.';
