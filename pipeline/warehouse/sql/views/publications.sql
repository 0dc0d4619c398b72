-- Grain: one row per number and release in which it was new or another than in the release before.
create or replace view main.publications as
select
    number_id, release_id, published_at, kind, topic, framework, series_id, population, period_start, period_end,
    break_id, figure, value, n, base, interval_low, interval_high, source_id, ruleset_id, as_of, input_sha256,
    restated_value, restated_n, restated_base, restated_ruleset_id,
    lead(release_id) over (partition by number_id order by published_at nulls first, release_id) is null as is_current
from ops.publication;

-- The numbers of today that were never published, or last published otherwise; and those that are shown no more. What
-- the end of a running period or the day of a sight alone has changed is no other number. Values are rounded, so that
-- the order in which a sum is taken makes no new one.
create or replace macro unpublished_numbers() as table
with page as (
    select source_id, page_sha256 from core.paper_count
    union select source_id, page_sha256 from core.paper_label
    union select source_id, page_sha256 from core.code_availability
    union select source_id, page_sha256 from core.competition_entry
    union select source_id, page_sha256 from core.competition_system
    union select source_id, page_sha256 from core.survey_count
    union select source_id, page_sha256 from core.survey_tally
    union select source_id, page_sha256 from core.repository_day
    union select source_id, page_sha256 from core.download_window
    union select source_id, page_sha256 from core.download_list
    union select source_id, page_sha256 from core.paper_repository
    union select source_id, page_sha256 from core.sampled_repository
    union select source_id, page_sha256 from core.drawn_repository
    union select source_id, page_sha256 from core.drawn_code_label
    union select source_id, page_sha256 from core.period_count
),
pages as (
    select source_id, sha256(string_agg(page_sha256, ' ' order by page_sha256)) as pages_sha256 from page group by source_id
),
series_rows as (
    select
        series_id, count(*) as n, min(period_start) as period_start, max(period_end) as period_end,
        max(source_id) as source_id, max(as_of) as as_of,
        if(count(distinct ruleset_id) = 1, max(ruleset_id), null) as ruleset_id,
        sha256(string_agg(line, chr(10) order by line)) as rows_sha256
    from (
        select
            series_id, period_start, period_end, source_id, as_of, ruleset_id,
            row(population, period_start, period_end, framework, measure, n, base, round(share, 9), break_id, ruleset_id)::varchar
                as line
        from main.adoption
    )
    group by series_id
),
case_rows as (
    select
        machine_id,
        sha256(string_agg(row(device, case_name, size, dtype, mode, framework, verdict, step_seconds_median, ratio)::varchar,
                          chr(10) order by device, case_name, size, dtype, mode, framework)) as rows_sha256
    from main.performance
    group by machine_id
),
evidence_rows as (
    select
        claim_id,
        sha256(string_agg(row(place, machine_id, population, period_start, period_end, round(value, 9), n, base)::varchar,
                          chr(10) order by place, machine_id, population, period_start, period_end)) as rows_sha256
    from main.claim_evidence
    group by claim_id
),
-- What numbers of periods are taken from.
counted as (
    select
        'share' as kind, series_id, population, period_start, period_end, framework, n, base,
        coalesce(share, n) as value, break_id, source_id, ruleset_id
    from main.adoption
    union all
    select
        'comparison', pair.series_id, pair.population, pair.period_start, pair.period_end, compared_frameworks()[1],
        pair.pytorch_n, pair.base, pair.pytorch_share, pair.break_id, pair.source_id, adoption.ruleset_id
    from main.two_way pair
    left join main.adoption
      on adoption.series_id = pair.series_id and adoption.population = pair.population
     and adoption.period_start = pair.period_start and adoption.period_end = pair.period_end
     and adoption.framework = compared_frameworks()[1]
),
shown as (
    select
        concat_ws(' ', 'answer', topic.headline_id) as number_id, 'answer' as kind, topic.headline_id as topic,
        null as framework, topic.series_id, topic.population, topic.period_start, topic.period_end, null as break_id,
        topic.series_leader as figure, null as value, topic.leads_count as n, topic.populations_count as base,
        null as interval_low, null as interval_high, topic.source_id, null as ruleset_id, topic.as_of,
        series_rows.rows_sha256 as input_sha256
    from main.headlines topic
    left join series_rows on series_rows.series_id = topic.series_id
    where topic.speaking_place = 1 and topic.population_place = 1
    union all by name
    select
        concat_ws(' ', 'share', said.headline_id, said.framework) as number_id, 'share' as kind,
        said.headline_id as topic, said.framework, said.series_id, said.population, said.period_start, said.period_end,
        counted.break_id, coalesce(said.share, said.n) as value, said.n, said.base, said.interval_low,
        said.interval_high, counted.source_id, counted.ruleset_id, said.as_of, series_rows.rows_sha256 as input_sha256
    from main.headline_shares said
    join main.headlines topic
      on topic.headline_id = said.headline_id and topic.speaking_place = 1 and topic.population_place = 1
    join counted
      on counted.kind = 'share' and counted.series_id = said.series_id and counted.population = said.population
     and counted.framework = said.framework and counted.period_start = said.period_start
     and least(counted.period_end, topic.evidence_day) = said.period_end
    left join series_rows on series_rows.series_id = said.series_id
    union all by name
    select
        concat_ws(' ', 'comparison', said.series_id, said.population) as number_id, 'comparison' as kind,
        counted.framework, said.series_id, said.population, said.period_start, said.period_end, counted.break_id,
        said.pytorch_share as value, said.pytorch_n as n, said.base, said.interval_low, said.interval_high,
        said.source_id, counted.ruleset_id, said.as_of, series_rows.rows_sha256 as input_sha256
    from main.two_way_newest said
    join counted
      on counted.kind = 'comparison' and counted.series_id = said.series_id and counted.population = said.population
     and counted.period_start = said.period_start and counted.period_end = said.period_end
    left join series_rows on series_rows.series_id = said.series_id
    union all by name
    select
        concat_ws(' ', 'claim', said.claim_id) as number_id, 'claim' as kind, said.claim_id as topic, said.framework,
        said.series_id, said.population, said.period_start, said.period_end,
        concat_ws(': ', said.verdict, said.our_figure) as figure, said.value, said.n, said.base,
        said.value_low as interval_low, said.value_high as interval_high, said.source_id, said.as_of,
        evidence_rows.rows_sha256 as input_sha256
    from main.claims said
    left join evidence_rows on evidence_rows.claim_id = said.claim_id
    union all by name
    select
        concat_ws(' ', 'speed', said.machine_id, said.device, said.mode, said.framework) as number_id, 'speed' as kind,
        concat_ws(', ', said.device, said.mode) as topic, said.framework, said.machine_title as population,
        said.leader as figure, said.shortest_count / said.compared_count as value, said.shortest_count as n,
        said.compared_count as base, said.measured_at::date as as_of, case_rows.rows_sha256 as input_sha256
    from main.fastest said
    left join case_rows on case_rows.machine_id = said.machine_id
    where said.machine_rank = 1
    union all by name
    select
        concat_ws(' ', 'series', series_rows.series_id) as number_id, 'series' as kind, series_rows.series_id,
        series_rows.period_start, series_rows.period_end, series_rows.rows_sha256 as figure, series_rows.n as value,
        series_rows.n, series_rows.source_id, series_rows.ruleset_id, series_rows.as_of,
        pages.pages_sha256 as input_sha256
    from series_rows
    left join pages on pages.source_id = series_rows.source_id
),
latest as (
    select
        number_id, kind, topic, framework, series_id, population, period_start, period_end, figure, value, n, base,
        ruleset_id
    from main.publications
    where is_current
),
restated as (
    select latest.number_id, counted.value, counted.n, counted.base, counted.ruleset_id
    from latest
    join counted
      on counted.kind = latest.kind and counted.series_id = latest.series_id
     and counted.population = latest.population and counted.framework = latest.framework
     and counted.period_start = latest.period_start and counted.period_end >= latest.period_end
    qualify row_number() over (partition by latest.number_id order by counted.period_end) = 1
)
select
    coalesce(shown.number_id, latest.number_id) as number_id, coalesce(shown.kind, latest.kind) as kind,
    coalesce(shown.topic, latest.topic) as topic, coalesce(shown.framework, latest.framework) as framework,
    shown.series_id, shown.population, shown.period_start, shown.period_end, shown.break_id, shown.figure,
    round(shown.value, 9) as value, shown.n::bigint as n, shown.base::bigint as base,
    round(shown.interval_low, 9) as interval_low, round(shown.interval_high, 9) as interval_high, shown.source_id,
    shown.ruleset_id, shown.as_of, shown.input_sha256, round(restated.value, 9) as restated_value,
    restated.n as restated_n, restated.base as restated_base, restated.ruleset_id as restated_ruleset_id
from shown
full join latest on latest.number_id = shown.number_id
left join restated on restated.number_id = latest.number_id
where row(shown.figure, round(shown.value, 9), shown.n::bigint, shown.base::bigint, shown.series_id, shown.population,
          shown.period_start, shown.ruleset_id)
    is distinct from row(latest.figure, latest.value, latest.n, latest.base, latest.series_id, latest.population,
                         latest.period_start, latest.ruleset_id);

comment on view main.publications is 'Every number at the head of the page as it was published (answers, shares, comparisons, verdicts of claims, who is fastest, and a digest of the figures of each series behind the charts), from the release that showed it first; publication_changes says why it moved.';
comment on column main.publications.number_id is 'The number: its kind and what it is of. It keeps its name when another series or population comes to speak.';
comment on column main.publications.release_id is 'The first release that showed it like this.';
comment on column main.publications.published_at is 'When the run of that release began, UTC; null where it was published outside a run.';
comment on column main.publications.kind is 'answer: who leads in a topic; share: a framework''s figure in a topic, as the first screen draws it; comparison: the first of compared_frameworks() against both, at the newest period; claim: a verdict of the ledger; speed: in how many cases a framework''s step is the shortest on the machine measured last; series: all figures of a series.';
comment on column main.publications.topic is 'The topic, claim, or device and mode; null elsewhere.';
comment on column main.publications.framework is 'The framework whose figure it is; null for an answer and a series.';
comment on column main.publications.series_id is 'The series that it is taken from; see series. Null for what was measured.';
comment on column main.publications.population is 'Of whom or what.';
comment on column main.publications.period_start is 'First day of the period.';
comment on column main.publications.period_end is 'Last day of the period.';
comment on column main.publications.break_id is 'The segment of the series; see series_breaks.';
comment on column main.publications.figure is 'What is said in words: the leader, or the verdict with its figure; of a series the SHA-256 of its rows in adoption.';
comment on column main.publications.value is 'The number, rounded to nine decimals: a fraction of base, or a count where there is no base; of a claim in the unit of its test; of a series its rows. Null where words alone are said, and where it is shown no more.';
comment on column main.publications.n is 'What was counted; of an answer the populations in which the leader leads.';
comment on column main.publications.base is 'Of how many; null where no honest denominator exists.';
comment on column main.publications.interval_low is 'Lower end of the 95 % interval; null where there is none.';
comment on column main.publications.interval_high is 'Upper end of it.';
comment on column main.publications.source_id is 'Where it comes from.';
comment on column main.publications.ruleset_id is 'The rules by which it was counted; null where a publisher counted, or where a series holds several.';
comment on column main.publications.as_of is 'The day on which the evidence was seen or measured.';
comment on column main.publications.input_sha256 is 'SHA-256 of what it was calculated from: the series'' rows in adoption, the claim''s rows in claim_evidence, the machine''s rows in performance; of a series the pages of its source.';
comment on column main.publications.restated_value is 'What the period that was published before shows since this release; null where it is gone, or nothing is counted in periods.';
comment on column main.publications.restated_n is 'The count of that.';
comment on column main.publications.restated_base is 'The base of that.';
comment on column main.publications.restated_ruleset_id is 'The rules of that.';
comment on column main.publications.is_current is 'Whether it is what is shown today.';
