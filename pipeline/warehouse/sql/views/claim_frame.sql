-- Grain: one row per topic and name: a query of the frame, something left out, a contradiction, a limit.
create or replace view main.claim_frame as
select topic, name, claims, words from ref.claim_frame;

comment on view main.claim_frame is 'How the claims of the ledger were found: the queries fixed beforehand, what was left out and why, statements that contradict each other though they name one source, and the limits.';
comment on column main.claim_frame.topic is 'query, left out, contradiction or limit.';
comment on column main.claim_frame.name is 'Its number or short name.';
comment on column main.claim_frame.claims is 'The claims that it is about.';
comment on column main.claim_frame.words is 'What it says; of a query its two wordings.';
