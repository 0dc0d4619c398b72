-- Grain: one row per verdict and side that claims favour.
create or replace view main.claim_tally as
select
    verdict, favours, bool_and(is_computed) as is_computed, count(*)::integer as claims_count,
    count(distinct article)::integer as articles_count
from main.claims
group by verdict, favours;

comment on view main.claim_tally is 'How the claims of the ledger come out, by the framework that they favour: the account is two-sided.';
comment on column main.claim_tally.verdict is 'The verdict; see claims.';
comment on column main.claim_tally.favours is 'Which framework the claims put in the better light, taken as said.';
comment on column main.claim_tally.is_computed is 'False for misattributed, unsourced and not testable here.';
comment on column main.claim_tally.claims_count is 'Claims.';
comment on column main.claim_tally.articles_count is 'Articles that make them.';
