-- The mode itself, of one with a further setting, such as `compiled, frozen`, that without it.
create or replace macro usual_mode(mode) as split_part(mode, ', ', 1);
