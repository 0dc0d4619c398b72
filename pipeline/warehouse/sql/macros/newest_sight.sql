-- The scan in which each subject was seen as of its latest day, per ruleset; of several on that day the last one. All
-- rows of one scan carry the same moment as seen_at.
create or replace macro newest_sight() as table
select
    subject_id,
    ruleset_id,
    max(row(observed_on, seen_at))[1] as observed_on,
    max(row(observed_on, seen_at))[2] as seen_at
from core.scanned_file
group by subject_id, ruleset_id;
