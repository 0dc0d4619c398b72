-- Grain: one row per window of a source that was set aside as a whole.
create or replace view main.quarantine as
select
    kept.source_id,
    kept.window_id,
    kept.reason,
    kept.records_count,
    kept.set_aside_at
from ops.quarantine kept;

comment on view main.quarantine is 'Deliveries that look wrong and are kept apart until somebody has looked at them: the figures loaded before stay. `observatory collect SOURCE --accept` lets one in.';
comment on column main.quarantine.source_id is 'The source.';
comment on column main.quarantine.window_id is 'The period or part of the source that was delivered.';
comment on column main.quarantine.reason is 'Why it was not believed.';
comment on column main.quarantine.records_count is 'Records it holds.';
comment on column main.quarantine.set_aside_at is 'When it was set aside (UTC).';
