-- Grain: one row per package of a framework's family.
create or replace view main.package_families as
with listed as (
    select package, count(*) as lists_count, min(window_end) as first_listed_on, max(window_end) as last_listed_on
    from core.download_window
    group by package
)
select
    family.framework,
    family.package,
    family.is_main,
    coalesce(listed.lists_count, 0) as lists_count,
    listed.first_listed_on,
    listed.last_listed_on,
    family.is_summed,
    family.is_asked_for
from ref.framework_package family
left join listed on listed.package = family.package;

comment on view main.package_families is 'The packages of each framework on the Python package index: which are summed, being alternative builds of which a user installs one, and which are asked for. What a package installs by itself is left out.';
comment on column main.package_families.framework is 'The framework; see the view frameworks.';
comment on column main.package_families.package is 'A package of its family, by its name on the package index.';
comment on column main.package_families.is_main is 'True for the one package without which the family''s sum is not shown.';
comment on column main.package_families.lists_count is 'Lists of the most downloaded packages that hold it; absent from a list means at most its cut-off, not zero.';
comment on column main.package_families.first_listed_on is 'Last day of the window of the first list that holds it; null where none does.';
comment on column main.package_families.last_listed_on is 'Last day of the window of the last list that holds it; null where none does.';
comment on column main.package_families.is_summed is 'True for a member of the family: its downloads are summed into the framework''s.';
comment on column main.package_families.is_asked_for is 'True where the services that count downloads are asked about it; a family''s members are asked for together or not at all. Published lists of the most downloaded packages are read for all members.';
