-- Grain: one row per ruleset, kind of subject, year and framework that a subject names; a null year stands for all.
-- Naming is not using: a paper that compares itself with a framework, or lists it, names it as well.
create or replace view main.mention_roles as
with told as (
    -- The strongest role in which each subject names each framework in its body, plainly; older rules told no roles.
    select
        found.subject_id, found.ruleset_id, found.framework,
        bool_or(found.role = 'used') as is_used,
        bool_or(found.role = 'compared') as is_compared,
        bool_or(found.role = 'built-upon') as is_built_upon,
        bool_or(found.role = 'could-be-used') as is_optional
    from main.evidence found
    where found.tier = 'mention' and found.is_counted
    group by found.subject_id, found.ruleset_id, found.framework
    having count(*) = count(found.role)
),
subject as (
    select subject_id, ruleset_id, kind, year, as_of from main.scanned_subjects where is_read
),
base as (
    select ruleset_id, kind, year, grouping(year) = 1 as is_all_years, count(*) as base_count, max(as_of) as as_of
    from subject
    group by grouping sets ((ruleset_id, kind, year), (ruleset_id, kind))
),
counted as (
    select
        subject.ruleset_id, subject.kind, subject.year, grouping(subject.year) = 1 as is_all_years, told.framework,
        count(*) as naming_count,
        count(*) filter (where told.is_used) as using_count,
        count(*) filter (where not told.is_used and told.is_compared) as comparing_count,
        count(*) filter (where not told.is_used and not told.is_compared and told.is_built_upon) as built_upon_count,
        count(*) filter (
            where not told.is_used and not told.is_compared and not told.is_built_upon and told.is_optional
        ) as optional_count
    from subject
    join told on told.subject_id = subject.subject_id and told.ruleset_id = subject.ruleset_id
    group by grouping sets (
        (subject.ruleset_id, subject.kind, subject.year, told.framework),
        (subject.ruleset_id, subject.kind, told.framework)
    )
)
select
    counted.ruleset_id,
    counted.kind,
    counted.year,
    counted.framework,
    base.base_count,
    counted.naming_count,
    counted.naming_count / base.base_count as naming_share,
    wilson_low(counted.naming_count, base.base_count) as naming_low,
    wilson_high(counted.naming_count, base.base_count) as naming_high,
    counted.using_count,
    counted.using_count / base.base_count as using_share,
    wilson_low(counted.using_count, base.base_count) as using_low,
    wilson_high(counted.using_count, base.base_count) as using_high,
    counted.comparing_count,
    counted.built_upon_count,
    counted.optional_count,
    counted.naming_count - counted.using_count - counted.comparing_count - counted.built_upon_count
        - counted.optional_count as merely_naming_count,
    base.as_of
from counted
join base
  on base.ruleset_id = counted.ruleset_id and base.kind = counted.kind and base.is_all_years = counted.is_all_years
  and base.year is not distinct from counted.year
where counted.is_all_years or counted.year is not null;

comment on view main.mention_roles is 'The share of scanned subjects that use a framework by their own words, beside the share that name it: by the newest sight of each subject, in the body of its texts. The rules for roles are scored on data/reference/role_labels.jsonl; intervals are Wilson''s and show sampling error alone. Rulesets that tell no roles are left out.';
comment on column main.mention_roles.ruleset_id is 'The rules under which the subjects were scanned.';
comment on column main.mention_roles.kind is 'Kind of subject: paper, repository.';
comment on column main.mention_roles.year is 'Year of the subjects; null for all years together, those of unknown year included.';
comment on column main.mention_roles.framework is 'Framework.';
comment on column main.mention_roles.base_count is 'Subjects of this kind and year that were read under these rules: the denominator of both shares.';
comment on column main.mention_roles.naming_count is 'Of them, subjects that plainly name the framework in the body, whatever its role.';
comment on column main.mention_roles.naming_share is 'naming_count by base_count, 0 to 1; a subject can name several frameworks, so shares may add to more than 1.';
comment on column main.mention_roles.naming_low is 'Lower end of its 95 % interval (Wilson).';
comment on column main.mention_roles.naming_high is 'Upper end of its 95 % interval (Wilson).';
comment on column main.mention_roles.using_count is 'Subjects with a sentence by which the authors used it for this work.';
comment on column main.mention_roles.using_share is 'using_count by base_count, 0 to 1.';
comment on column main.mention_roles.using_low is 'Lower end of its 95 % interval (Wilson).';
comment on column main.mention_roles.using_high is 'Upper end of its 95 % interval (Wilson).';
comment on column main.mention_roles.comparing_count is 'Subjects that do not say they use it and hold their work against it.';
comment on column main.mention_roles.built_upon_count is 'Subjects with neither, in which others built on it or wrote in it.';
comment on column main.mention_roles.optional_count is 'Subjects with none of these, which say that it could be used or is supported.';
comment on column main.mention_roles.merely_naming_count is 'Subjects that name it in none of these roles.';
comment on column main.mention_roles.as_of is 'Day of the newest scan among the subjects.';
