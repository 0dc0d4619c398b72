-- Dated facts about tools, claims of which every part must hold, and the verdicts as they were published.
create table ref.event (
    event_id varchar primary key, tool varchar not null, happened varchar not null, happened_on date not null,
    is_exact_day boolean not null, words varchar not null, address varchar not null
);
alter table ref.claim_test add column is_part boolean;
create table ops.claim_verdict (
    claim_id varchar not null, release_id varchar not null, decided_at timestamptz, verdict varchar not null,
    our_figure varchar, evidence_as_of date,
    primary key (claim_id, release_id)
);
