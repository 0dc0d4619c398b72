-- warn: Every source has records, and none failed or fell behind
select source_id, state, message from main.source_health where state in ('stale', 'missing', 'failed') order by all
