-- Grain: one row per claim and release in which its verdict was new or another than before.
create or replace view main.claim_history as
select
    claim_id, release_id, decided_at::date as decided_on, verdict, our_figure, evidence_as_of,
    lag(verdict) over in_order as verdict_before, lag(our_figure) over in_order as figure_before,
    lag(evidence_as_of) over in_order as evidence_as_of_before, lag(decided_at::date) over in_order as decided_before_on,
    lead(release_id) over in_order is null as is_current
from ops.claim_verdict
window in_order as (partition by claim_id order by decided_at nulls first, release_id);

comment on view main.claim_history is 'The verdicts of the ledger as they were published: each change of one, with the old and the new, their dates and the evidence of both.';
comment on column main.claim_history.claim_id is 'The claim; see claims.';
comment on column main.claim_history.release_id is 'The first release that shows the verdict.';
comment on column main.claim_history.decided_on is 'Day of the run that published it; null where it was published outside a run.';
comment on column main.claim_history.verdict is 'The verdict from that release on.';
comment on column main.claim_history.our_figure is 'The figure that decided, with its interval; null where there was none.';
comment on column main.claim_history.evidence_as_of is 'The day on which that figure was seen or measured.';
comment on column main.claim_history.verdict_before is 'The verdict that was shown before; null for the first.';
comment on column main.claim_history.figure_before is 'The figure that decided then.';
comment on column main.claim_history.evidence_as_of_before is 'The day on which that one was seen or measured.';
comment on column main.claim_history.decided_before_on is 'Day of the run that published the verdict before.';
comment on column main.claim_history.is_current is 'Whether it is the verdict of today.';
