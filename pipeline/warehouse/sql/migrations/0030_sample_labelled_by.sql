-- A sample of paper code is longer than what was read by hand: each row says what its labels rest on.
alter table core.sampled_repository add column labelled_by varchar;
