-- Grain: one row per series of paper code, span of years, framework, and what repositories are clustered by.
-- Repositories of one venue, or of one owner, are more alike than others, so that an interval which takes each for
-- itself is too narrow. Here whole clusters vary: the variance of the weighted share by linearisation (ratio estimator
-- of clusters, Cochran 1977, chapter 11), as a base of equal precision that is shrunk by the t distribution of the
-- clusters (Korn & Graubard 1998; t by its Cornish-Fisher expansion, which is 2 % off at five clusters and no use for
-- fewer), in Wilson's interval. A base larger than that of the repositories one by one is not believed.
create or replace view main.clustered_shares as
with listed as (
    select source_id, edition_year, sum(entries_count) as frame_count
    from core.sampling_frame
    group by all
),
weighted as (
    select
        drawn.source_id, drawn.series_id, drawn.edition_year, drawn.outcome, drawn.venue,
        lower(split_part(drawn.repository, '/', 1)) as owner,
        list_concat(drawn.frameworks, drawn.families, if(drawn.state = 'none', ['none'], [])) as found,
        listed.frame_count / count(*) over (partition by drawn.source_id, drawn.series_id, drawn.edition_year) as weight
    from main.sampled_paper_code drawn
    join listed on listed.source_id = drawn.source_id and listed.edition_year = drawn.edition_year
    where drawn.population = 'all'
),
clustered as (
    unpivot (select source_id, series_id, edition_year, found, weight, venue, owner from weighted where outcome = 'with code')
    on venue, owner into name cluster_by value cluster_name
),
told as (
    select source_id, series_id, period_start, period_end, framework, n, base, share, effective_base, as_of
    from main.paper_code_shares
    where is_pooled and population = 'all' and form = 'alone or with another' and share > 0 and share < 1
),
part as (
    select
        told.series_id, told.source_id, told.period_start, told.framework, clustered.cluster_by, clustered.cluster_name,
        -- Rounded, so that the order of the rows makes no other figure.
        round(sum(clustered.weight), 9) as weight,
        round(sum(clustered.weight * (list_contains(clustered.found, told.framework)::integer - told.share)), 9) as residual
    from told
    join clustered
      on clustered.source_id = told.source_id and clustered.series_id = told.series_id
     and clustered.edition_year between year(told.period_start) and year(told.period_end)
    group by all
),
varied as (
    select
        source_id, series_id, period_start, framework, cluster_by, count(*) as clusters_count,
        count(*) / (count(*) - 1)
            * sum(pow(residual, 2) order by cluster_name) / pow(sum(weight order by cluster_name), 2) as variance,
        t_quantile(count(*) - 1) / 1.959963984540054 as t_over_z  -- over the quantile of the normal distribution
    from part
    group by all
    having count(*) >= 5
),
based as (
    select
        told.source_id, told.series_id, told.period_start, told.period_end, told.framework, varied.cluster_by,
        varied.clusters_count, told.n, told.base, told.share, told.effective_base as row_base, sqrt(variance) as standard_error,
        least(told.effective_base, told.share * (1 - told.share) / variance / pow(t_over_z, 2)) as effective_base,
        told.as_of
    from told
    join varied
      on varied.source_id = told.source_id and varied.series_id = told.series_id
     and varied.period_start = told.period_start and varied.framework = told.framework
    where variance > 0
)
select
    source_id,
    series_id,
    period_start,
    period_end,
    framework,
    cluster_by,
    clusters_count,
    n,
    base,
    share,
    standard_error,
    pow(standard_error, 2) / (share * (1 - share) / row_base) as design_effect,
    effective_base,
    wilson_low(share * effective_base, effective_base) as interval_low,
    wilson_high(share * effective_base, effective_base) as interval_high,
    wilson_low(share * row_base, row_base) as row_interval_low,
    wilson_high(share * row_base, row_base) as row_interval_high,
    as_of
from based;

comment on view main.clustered_shares is 'How much less sure the shares of paper code are where repositories of one venue, or of one owner, are taken to be alike: the same shares as in adoption, with an interval in which whole clusters vary. No row where a share is 0 or 1, where there are fewer than five clusters, or where they do not differ: nothing can be told then.';
comment on column main.clustered_shares.source_id is 'Where the sample comes from.';
comment on column main.clustered_shares.series_id is 'By what the code is written in, imports or declares.';
comment on column main.clustered_shares.period_start is 'First day of the span.';
comment on column main.clustered_shares.period_end is 'Last day of the span.';
comment on column main.clustered_shares.framework is 'Framework, alone or with another; tensorflow includes Keras, jax Flax; none is code without any.';
comment on column main.clustered_shares.cluster_by is 'What is alike: repositories linked from papers of one venue, all years of the span together, or those of one owner.';
comment on column main.clustered_shares.clusters_count is 'Venues or owners with a sampled repository that holds code.';
comment on column main.clustered_shares.n is 'Sampled repositories with it.';
comment on column main.clustered_shares.base is 'Sampled repositories that hold code; all fields together.';
comment on column main.clustered_shares.share is 'The share of code in the lists, 0 to 1, weighted as in paper_code_shares.';
comment on column main.clustered_shares.standard_error is 'Standard error of share where whole clusters vary.';
comment on column main.clustered_shares.design_effect is 'Variance with clusters over that without them: 1 says that clusters make no difference, 2 that twice the repositories would be needed.';
comment on column main.clustered_shares.effective_base is 'Independent repositories of the same precision; never more than without clusters.';
comment on column main.clustered_shares.interval_low is 'Lower end of the 95 % interval with clusters.';
comment on column main.clustered_shares.interval_high is 'Upper end of that interval.';
comment on column main.clustered_shares.row_interval_low is 'Lower end of the 95 % interval that takes each repository for itself, as adoption has it.';
comment on column main.clustered_shares.row_interval_high is 'Upper end of that interval.';
comment on column main.clustered_shares.as_of is 'Day of the draw.';
