-- Grain: one row per ruleset, population, tier, role, framework and year; besides, one for all years together.
-- The macro counts the subjects that were scanned at a moment or later, so that one scan can be told by itself; the view
-- counts all. Every subject counts as it was last seen.
create or replace macro scanned_shares_since(moment) as table
with sight as (
    select subject_id, ruleset_id, seen_at from newest_sight() where seen_at >= moment
),
subject as (
    select
        subject.subject_id, subject.ruleset_id, subject.kind, subject.year, subject.repository,
        subject.repository_subject, subject.is_read, sight.seen_at
    from main.scanned_subjects subject
    join sight on sight.subject_id = subject.subject_id and sight.ruleset_id = subject.ruleset_id
),
unit as (
    select
        subject_id, subject_id as evidence_subject, ruleset_id, year, is_read, seen_at,
        case kind when 'paper' then 'papers' else 'repositories' end as population
    from subject
    union all
    -- A paper's own code is that of its repository; one that nobody scanned did not respond.
    select
        paper.subject_id, code.subject_id as evidence_subject, paper.ruleset_id, paper.year,
        coalesce(code.is_read, false) as is_read, paper.seen_at, 'papers with code' as population
    from subject paper
    left join subject code
      on code.subject_id = paper.repository_subject and code.ruleset_id = paper.ruleset_id
    where paper.kind = 'paper' and (paper.repository is not null or paper.repository_subject is not null)
),
-- A role is that of a mention in a sentence; any role is one more, and the only one of the other tiers.
counting as (
    select distinct evidence.subject_id, evidence.ruleset_id, evidence.tier, evidence.role, evidence.framework
    from main.evidence
    join ref.framework on framework.framework = evidence.framework
    where evidence.is_counted and framework.is_deep_learning
),
found as (
    select distinct subject_id, ruleset_id, tier, 'any' as role, framework from counting
    union all
    select subject_id, ruleset_id, tier, role, framework from counting where role is not null
),
voiced as (
    select distinct subject_id, ruleset_id, tier from found
),
asked as (
    select unnest(['mention', 'import']) as tier
    union
    select distinct tier from found
),
looked as (
    select distinct file.subject_id, file.ruleset_id, asked.tier
    from main.scanned_files file
    join asked on is_looked_at(file.kind, asked.tier)
    where file.is_newest and file.is_read
),
-- Texts are no code: papers are asked for code only where they bring some.
counted as (
    select
        unit.subject_id, unit.evidence_subject, unit.ruleset_id, unit.population, unit.year, unit.seen_at, asked.tier,
        looked.subject_id is not null as is_looked_at,
        voiced.subject_id is not null as is_voiced
    from unit
    join asked on unit.population <> 'papers with code' or not is_looked_at('text', asked.tier)
    left join looked
      on looked.subject_id = unit.evidence_subject and looked.ruleset_id = unit.ruleset_id and looked.tier = asked.tier
    left join voiced
      on voiced.subject_id = unit.evidence_subject and voiced.ruleset_id = unit.ruleset_id and voiced.tier = asked.tier
    where looked.subject_id is not null
       or not unit.is_read and (unit.population <> 'papers' or is_looked_at('text', asked.tier))
),
base as (
    select
        ruleset_id, population, tier, year, grouping(year) = 1 as is_all_years,
        count(*) filter (where is_looked_at) as base,
        count(*) filter (where is_looked_at and not is_voiced) as silent_count,
        count(*) filter (where not is_looked_at) as unread_count,
        max(seen_at) as seen_at
    from counted
    group by grouping sets ((ruleset_id, population, tier, year), (ruleset_id, population, tier))
),
named as (
    select
        counted.ruleset_id, counted.population, counted.tier, found.role, found.framework, counted.year,
        grouping(counted.year) = 1 as is_all_years, count(*) as n
    from counted
    join found
      on found.subject_id = counted.evidence_subject and found.ruleset_id = counted.ruleset_id
     and found.tier = counted.tier
    group by grouping sets (
        (counted.ruleset_id, counted.population, counted.tier, found.role, found.framework, counted.year),
        (counted.ruleset_id, counted.population, counted.tier, found.role, found.framework)
    )
),
-- A framework that some subject of the population has is counted in every year of it: not found is zero there.
framework as (
    select distinct ruleset_id, population, tier, role, framework from named
),
shared as (
    select
        base.ruleset_id, base.population, base.tier, framework.role, framework.framework, base.year, base.is_all_years,
        coalesce(named.n, 0) as n, base.base, base.silent_count, base.unread_count, base.seen_at
    from base
    join framework
      on framework.ruleset_id = base.ruleset_id and framework.population = base.population
     and framework.tier = base.tier
    left join named
      on named.ruleset_id = base.ruleset_id and named.population = base.population and named.tier = base.tier
     and named.role = framework.role and named.framework = framework.framework
     and named.is_all_years = base.is_all_years
     and named.year is not distinct from base.year
),
-- What audits under the same rules tell of a tier, the largest one of each framework: those whose labelled subjects were
-- not chosen for what was detected in them. Labelled passages, which tell nothing of subjects, hold no true negatives.
audit as (
    select ruleset_id, tier, framework, label_set, precision_share, precision_low, precision_high, recall_share,
        recall_low, recall_high
    from main.detector_scores
    where subject_year is null and true_negatives > 0 and recall_share > 0 and precision_share is not null
    qualify row_number() over (partition by ruleset_id, tier, framework order by labels_count desc, label_set) = 1
),
-- The corrected share, and how far it moves where each of its parts is taken at one end of its own interval; as they
-- are independent of each other, the squares of these distances add up.
corrected as (
    select
        ruleset_id, population, tier, role, framework, year, is_all_years, n, base, silent_count, unread_count, seen_at,
        case when base > 0 and role = 'any' then label_set end as corrected_by,
        n / base * precision_share / recall_share as point,
        [
            point - wilson_low(n, base) * precision_share / recall_share,
            point - n / base * precision_low / recall_share,
            point - n / base * precision_share / recall_high
        ] as distances_below,
        [
            wilson_high(n, base) * precision_share / recall_share - point,
            n / base * precision_high / recall_share - point,
            n / base * precision_share / recall_low - point
        ] as distances_above
    from shared
    left join audit using (ruleset_id, tier, framework)
)
select
    'scanned.' || tier as series_id,
    ruleset_id,
    ruleset_id = arg_max(ruleset_id, seen_at) over () as is_newest_ruleset,
    population,
    tier,
    role,
    framework,
    year,
    is_all_years,
    year is not null as is_dated,
    make_date(year, 1, 1) as period_start,
    make_date(year, 12, 31) as period_end,
    n,
    base,
    case when base > 0 then n / base end as share,
    wilson_low(n, base) as interval_low,
    wilson_high(n, base) as interval_high,
    'Wilson 95 %' as interval_method,
    n / (base + unread_count) as bound_low,
    (n + silent_count + unread_count) / (base + unread_count) as bound_high,
    case when corrected_by is not null then least(1, point) end as corrected_share,
    case when corrected_by is not null
        then greatest(0, least(1, point) - sqrt(list_sum(list_transform(distances_below, lambda x: x * x)))) end
        as corrected_low,
    case when corrected_by is not null
        then least(1, point + sqrt(list_sum(list_transform(distances_above, lambda x: x * x)))) end
        as corrected_high,
    corrected_by,
    silent_count,
    unread_count,
    ruleset_id as break_id,
    coalesce(year >= year(seen_at), false) as is_preliminary,
    seen_at::date as as_of
from corrected;

comment on macro table scanned_shares_since is 'The rows of scanned_shares, counted on the subjects that were scanned at a moment or later alone.';

create or replace view main.scanned_shares as
select
    series_id,
    ruleset_id,
    is_newest_ruleset,
    population,
    tier,
    role,
    framework,
    year,
    is_all_years,
    is_dated,
    period_start,
    period_end,
    n,
    base,
    share,
    interval_low,
    interval_high,
    interval_method,
    bound_low,
    bound_high,
    corrected_share,
    corrected_low,
    corrected_high,
    corrected_by,
    silent_count,
    unread_count,
    break_id,
    is_preliminary,
    as_of
from scanned_shares_since(timestamp '1970-01-01');

comment on view main.scanned_shares is 'Shares of frameworks among the papers and repositories that were scanned on this machine, by year, each as it was last seen. Deep-learning frameworks only; a subject with several counts for each, so shares may add to more than one. Those of which nothing could be read are no part of the base; the bounds say what they, and the silent ones, could change.';
comment on column main.scanned_shares.series_id is 'scanned, and the tier: no published series, a measure of what one person scanned.';
comment on column main.scanned_shares.ruleset_id is 'The rules under which they were scanned.';
comment on column main.scanned_shares.is_newest_ruleset is 'Whether nothing was scanned later under other rules.';
comment on column main.scanned_shares.population is 'papers; repositories; or papers with code: papers whose repository is known, counted by what that repository holds.';
comment on column main.scanned_shares.tier is 'What the count rests on: mention (a text names it), import (code imports it), dependency (a dependency file declares it), and what else evidence knows.';
comment on column main.scanned_shares.role is 'Which pieces of evidence count: any, all that evidence calls counted; or of mentions one role: used (by the authors, for this work), compared, built-upon, could-be-used, named. A subject can name a framework in several roles; rulesets that tell none have any alone.';
comment on column main.scanned_shares.framework is 'Framework.';
comment on column main.scanned_shares.year is 'Calendar year of the subjects, as scanned_subjects has it; null: all years together, or subjects without a year (see is_all_years).';
comment on column main.scanned_shares.is_all_years is 'Whether the row counts all subjects, with and without a year.';
comment on column main.scanned_shares.is_dated is 'Whether the row is of one year.';
comment on column main.scanned_shares.period_start is 'First day of the year; null where the row is not of one year.';
comment on column main.scanned_shares.period_end is 'Last day of the year; null where the row is not of one year.';
comment on column main.scanned_shares.n is 'Subjects in which the framework was found.';
comment on column main.scanned_shares.base is 'Subjects of which at least one file was read that the tier looks at, whether anything was found or not.';
comment on column main.scanned_shares.share is 'n / base, 0 to 1; null where the base is 0.';
comment on column main.scanned_shares.interval_low is 'Lower end of the 95 % interval of the share, as if the subjects were a random sample.';
comment on column main.scanned_shares.interval_high is 'Upper end of the 95 % interval of the share, as if the subjects were a random sample.';
comment on column main.scanned_shares.interval_method is 'How the interval was made.';
comment on column main.scanned_shares.bound_low is 'The share of all subjects, if no silent one and none that could not be read had the framework.';
comment on column main.scanned_shares.bound_high is 'The share of all subjects, if every silent one and all that could not be read had the framework.';
comment on column main.scanned_shares.corrected_share is 'The share that uses the framework, as labels tell it: share * precision / recall of the tier in the audit that corrected_by names, at most 1. It takes precision and recall for the same in these subjects and every year as among the labelled. Null where no own audit under these rules knows both, and for single roles.';
comment on column main.scanned_shares.corrected_low is 'Lower end of the 95 % interval of the corrected share: of the share, of precision and of recall together.';
comment on column main.scanned_shares.corrected_high is 'Upper end of the 95 % interval of the corrected share: of the share, of precision and of recall together.';
comment on column main.scanned_shares.corrected_by is 'The label set of the audit, as in detector_scores; null where the share is not corrected.';
comment on column main.scanned_shares.silent_count is 'Subjects of the base in which no deep-learning framework was found in this tier, in any role; of own, those that are undecided among them.';
comment on column main.scanned_shares.unread_count is 'Subjects of which nothing could be read, repositories of papers that were not scanned among them: no part of the base.';
comment on column main.scanned_shares.break_id is 'The rules: rows under different ones must not be joined by a line.';
comment on column main.scanned_shares.is_preliminary is 'Whether the year was not over when they were scanned.';
comment on column main.scanned_shares.as_of is 'Day of the newest scan of these subjects.';

-- What one scan gave, as it is shown: the five most frequent frameworks of each tier and role, all years after each.
create or replace macro scanned_shares_shown(moment, rulesets) as table
with frequent as (
    select ruleset_id, population, tier, role, framework, n as all_n
    from scanned_shares_since(moment)
    where is_all_years and list_contains(rulesets, ruleset_id)
    qualify row_number() over (partition by ruleset_id, population, tier, role order by n desc, framework) <= 5
)

select
    population, tier, role, framework,
    case when is_all_years then 'all' else coalesce(year::varchar, 'unknown') end as year,
    coalesce(format('{:.1f} %', 100 * share), '') as share,
    coalesce(format('{:.1f} to {:.1f}', 100 * interval_low, 100 * interval_high), '') as "95 %",
    coalesce(
        format('{:.1f} ({:.1f} to {:.1f})', 100 * corrected_share, 100 * corrected_low, 100 * corrected_high), '-'
    ) as corrected,
    format('{} of {}', n, base) as "n of base",
    format('{:.1f} to {:.1f}', 100 * bound_low, 100 * bound_high) as bounds,
    silent_count::varchar as silent, unread_count::varchar as unread
from scanned_shares_since(moment) since
join frequent using (ruleset_id, population, tier, role, framework)
order by ruleset_id, population, tier, role, all_n desc, framework, is_all_years, since.year nulls last;

-- One scan told by itself: all of its rows carry the same moment as seen_at, and its rulesets are given.

-- The files that it read.
create or replace macro files_read_in(rulesets, scanned_at) as table
select subject_id, observed_on, path, ruleset_id, reading
from core.scanned_file
where list_contains(rulesets, ruleset_id) and seen_at = scanned_at and outcome = 'read';

-- Which deep-learning framework each tier found in which subject, and whether any place of it counts.
create or replace macro frameworks_found_in(rulesets, scanned_at) as table
select evidence.subject_id, evidence.tier, evidence.framework, bool_or(evidence.is_counted) as is_counted
from main.evidence
join files_read_in(rulesets, scanned_at) using (subject_id, observed_on, path, ruleset_id)
join ref.framework on framework.framework = evidence.framework and framework.is_deep_learning
group by all;

-- The subjects that could be read, in the order in which to label them. In doubt: the tiers that found something
-- disagree, or a framework stands only where it does not count, among the references or as not used. Whoever stops half
-- way has a random part of each stratum; the same seed gives the same order.
create or replace macro labelling_order(rulesets, scanned_at, seed) as table
with counted as (
    select subject_id, tier, list_sort(list(framework)) as frameworks
    from frameworks_found_in(rulesets, scanned_at)
    where is_counted
    group by all
),
doubted as (
    select subject_id from counted group by subject_id having count(distinct frameworks) > 1
    union
    select subject_id from frameworks_found_in(rulesets, scanned_at)
    group by subject_id, framework
    having not bool_or(is_counted)
),
looked as (
    select distinct subject_id from files_read_in(rulesets, scanned_at)
),
stratified as (
    select
        subject_id,
        case when subject_id in (from doubted) then 'in doubt'
            when subject_id in (select subject_id from counted) then 'found' else 'silent' end
            as stratum,
        sha256(seed || ':' || subject_id) as chance
    from looked
)
select
    subject_id, stratum, row_number() over (partition by stratum order by chance) as place,
    sha256(unhex(chance)) as turn
from stratified;

-- Every subject that a tier looked at.
create or replace macro subjects_looked_at_in(rulesets, scanned_at, tiers) as table
select distinct asked.tier, scanned.subject_id
from files_read_in(rulesets, scanned_at) scanned
join (select unnest(tiers) as tier) asked on is_looked_at(scanned.reading, asked.tier);

-- Every subject that a tier looked at, with every framework that the tier found anywhere, or that is known of any.
create or replace macro corpus_answers_in(rulesets, scanned_at, tiers, frameworks) as table
with found as (
    select subject_id, tier, framework from frameworks_found_in(rulesets, scanned_at) where is_counted
),
asked as (
    select tier, framework from found
    union
    select tier, framework from (select distinct tier from found), (select unnest(frameworks) as framework)
)
select looked.tier, asked.framework, looked.subject_id, subject.year, found.framework is not null as is_detected
from subjects_looked_at_in(rulesets, scanned_at, tiers) looked
join asked using (tier)
left join found using (tier, framework, subject_id)
left join main.scanned_subjects subject
  on subject.subject_id = looked.subject_id and list_contains(rulesets, subject.ruleset_id) and subject.year is not null;

-- What the code files of a scan under one ruleset import and do with frameworks, the first place of each; a file without
-- any is one row. holders_count: subjects of any scan that hold the same content.
create or replace macro code_uses_in(of_ruleset, of_day, of_moment) as table
with file as (
    select subject_id, path, page_sha256, reading from core.scanned_file
    where ruleset_id = of_ruleset and observed_on = of_day and seen_at = of_moment and outcome = 'read'
      and reading in ('python', 'notebook', 'lua', 'r', 'c')
),
holder as (
    select page_sha256, count(distinct subject_id) as holders_count from core.scanned_file
    where ruleset_id = of_ruleset and page_sha256 in (select page_sha256 from file)
    group by page_sha256
),
found as (
    select page_sha256, reading, tier, framework, rule_id, span, position, place from core.evidence
    where ruleset_id = of_ruleset and tier in ('import', 'use') and page_sha256 in (select page_sha256 from file)
    qualify row_number() over (
        partition by page_sha256, reading, tier, framework, case tier when 'use' then rule_id end
        order by position, rule_id
    ) = 1
)
select
    file.subject_id, file.path, file.page_sha256, holder.holders_count,
    found.tier, found.framework, found.rule_id, found.span, found.position, found.place
from file
join holder using (page_sha256)
left join found on found.page_sha256 = file.page_sha256 and found.reading = file.reading;

-- The first dozen places of what was found in each of these subjects, in words; what counts stands first.
create or replace macro places_found_in(rulesets, scanned_at, subjects) as table
select
    subject_id,
    list(
        format('{}, {}: {} ({} {}{})', path, place, span, tier, framework,
            case when is_counted then '' else ', not counted' end)
        order by is_counted desc, tier, framework, path, position
    )[:12] as places
from main.evidence
join core.scanned_file scanned using (subject_id, observed_on, path, ruleset_id)
where list_contains(rulesets, scanned.ruleset_id) and scanned.seen_at = scanned_at
  and list_contains(subjects, subject_id)
group by subject_id;
