-- Instructions of a step outside the kernel, over all threads; null where the processor does not count them, as in most
-- virtual machines.
alter table core.bench_sample add column step_instructions double;
alter table core.bench_self_sample add column step_instructions double;
