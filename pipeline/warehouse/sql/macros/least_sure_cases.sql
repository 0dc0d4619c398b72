-- From how many sure cases on a framework is called the fastest of a mode. Of two equals one wins all of five by luck one
-- time in 32, less than one in twenty; of four it already is one time in 16.
create or replace macro least_sure_cases() as 5;
