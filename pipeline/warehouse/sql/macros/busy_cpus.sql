-- How many processors a step may keep busy in the median and still be a measurement with so many threads: a framework's
-- helpers may take a quarter of one beside the threads that it was given.
create or replace macro most_busy_cpus(threads_count) as threads_count::double + 0.25;
