-- Whether faster or slower is said only because of what another ratio of the same two sides leaves out: that ratio does
-- not clear the margin to the same side any more.
create or replace macro rests_on_rest(verdict, ratio_without, margin_fraction) as
    verdict = 'faster' and ratio_without >= 1 / (1 + margin_fraction)
    or verdict = 'slower' and ratio_without <= 1 + margin_fraction;
