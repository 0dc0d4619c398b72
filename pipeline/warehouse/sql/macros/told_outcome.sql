-- The outcome of a variant over its launches: what went wrong in any launch is told first; then whether something was
-- measured, so that a launch that was not begun takes no answer away.
create or replace macro told_outcome(outcome, launch_index) as coalesce(
    arg_min(outcome, launch_index) filter (where outcome <> 'measured' and not starts_with(outcome, 'not run')),
    min(outcome) filter (where outcome = 'measured'),
    arg_min(outcome, launch_index)
);
