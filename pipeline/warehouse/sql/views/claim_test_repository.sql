-- Grain: one row per test of the kind repository: the newest state of one repository on file.
create or replace view claim_test.repository as
select
    test.claim_id, test.place, null::varchar as machine_id, found.repository as population,
    found.observed_on as period_start, found.observed_on as period_end,
    case test.measure when 'is_archived' then 'yes or no' else 'year' end as unit,
    case test.measure when 'is_archived' then found.is_archived::integer when 'created_year' then year(found.created_on)
    end::double as value,
    value as value_low, value as value_high, null::double as n, null::double as base, false as is_preliminary,
    found.observed_on as as_of, found.source_id, 'repositories' as view_name
from ref.claim_test test
join main.repositories found on found.listed_as = test.population and found.is_newest
where test.kind = 'repository'
  and case test.measure when 'is_archived' then found.is_archived is not null else found.created_on is not null end
qualify row_number() over (partition by test.claim_id, test.place order by found.observed_on desc, found.source_id) = 1;

comment on view claim_test.repository is 'Tests of what became of a tool: whether its repository is archived, and when it was made.';
comment on column claim_test.repository.value is '1 where the repository is archived, else 0; or the year in which it was made.';
