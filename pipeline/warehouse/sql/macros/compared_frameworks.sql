-- The two frameworks that two_way compares and whose names the conference papers are searched for, in that order.
create or replace macro compared_frameworks() as ['pytorch', 'tensorflow'];
