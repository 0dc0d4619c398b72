-- Grain: one row per test of the kind own_figures: what the claim's own figures give, without any of ours.
create or replace view claim_test.own_figures as
select
    test.claim_id, test.place, null::varchar as machine_id, 'the article''s own figures' as population,
    null::date as period_start, null::date as period_end, 'ratio' as unit,
    test.first_figure / test.second_figure as value, test.first_figure / test.second_figure as value_low,
    test.first_figure / test.second_figure as value_high, null::double as n, null::double as base,
    false as is_preliminary, null::date as as_of, null::varchar as source_id, 'claims' as view_name
from ref.claim_test test
where test.kind = 'own_figures';

comment on view claim_test.own_figures is 'Tests of an article against itself: a ratio that it states against the two figures that it gives.';
comment on column claim_test.own_figures.value is 'The first figure over the second.';
