-- Grain: one row per refused row of a source's page.
create or replace view main.rejects as
select
    reject.source_id,
    reject.page_sha256,
    reject.locator,
    reject.reason,
    reject.seen_at
from ops.reject reject;

comment on view main.rejects is 'Rows that a source delivered and that were refused, each with its reason; none of them is in any figure.';
comment on column main.rejects.source_id is 'The source.';
comment on column main.rejects.page_sha256 is 'Checksum of the answer that held the row, by which the raw answer is kept.';
comment on column main.rejects.locator is 'Where in the answer the row stands.';
comment on column main.rejects.reason is 'What is wrong with it.';
comment on column main.rejects.seen_at is 'When the answer was fetched (UTC).';
