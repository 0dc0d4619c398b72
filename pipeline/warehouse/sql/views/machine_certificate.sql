-- Grain: one row per machine that compared a framework with itself: its newest run with at least 20 stable comparisons,
-- or where there is none the newest run with any.
create or replace view main.machine_certificate as
with in_run as (
    select
        machine_id, run_id, measured_at,
        any_value(framework) as framework,
        count(*) as comparisons_count,
        count(*) filter (where stability = 'stable') as stable_count,
        count(*) filter (where contains_one) as containing_count,
        sum(disturbed_count) / nullif(sum(samples_count), 0) as disturbed_share,
        median(deviation_fraction) as median_deviation_fraction,
        max(deviation_fraction) as widest_deviation_fraction,
        -- What disturbs a comparison widens its interval; the margin is for what differs where nothing disturbs.
        quantile_disc(deviation_fraction, 0.95) filter (where stability = 'stable') as usual_deviation_fraction,
        quantile_disc(instructions_deviation_fraction, 0.95) as usual_instructions_deviation_fraction
    from main.self_comparisons
    group by machine_id, run_id, measured_at
),
newest as (
    select
        machine_id, run_id, measured_at, framework, comparisons_count, stable_count, containing_count, disturbed_share,
        median_deviation_fraction, widest_deviation_fraction, usual_deviation_fraction,
        usual_instructions_deviation_fraction
    from in_run
    qualify row_number() over (
        partition by machine_id order by stable_count >= 20 desc, measured_at desc, run_id desc
    ) = 1
)
select
    newest.machine_id,
    newest.run_id,
    newest.measured_at,
    newest.framework,
    try_cast(run.settings ->> '$.threads_count' as integer) as threads_count,
    newest.comparisons_count,
    newest.stable_count,
    newest.containing_count,
    newest.containing_count / newest.comparisons_count as containing_share,
    wilson_low(newest.containing_count, newest.comparisons_count) as containing_low,
    wilson_high(newest.containing_count, newest.comparisons_count) as containing_high,
    newest.disturbed_share,
    newest.median_deviation_fraction,
    newest.widest_deviation_fraction,
    newest.usual_deviation_fraction,
    case when newest.stable_count >= 20 then greatest(0.05, ceil(100 * newest.usual_deviation_fraction) / 100) end
        as supported_margin_fraction,
    newest.containing_count >= 0.95 * newest.comparisons_count as holds,
    newest.usual_instructions_deviation_fraction
from newest
join core.bench_run run on run.run_id = newest.run_id;

comment on view main.machine_certificate is 'The A/A certificate of each machine: how often the intervals of a framework against itself hold the true ratio 1, how far the ratios stray from it, and so by how much two frameworks must differ there to be called different.';
comment on column main.machine_certificate.machine_id is 'The machine; see machines.';
comment on column main.machine_certificate.run_id is 'The run whose comparisons these are; see self_comparisons.';
comment on column main.machine_certificate.measured_at is 'When that run started, UTC.';
comment on column main.machine_certificate.framework is 'The framework that was compared with itself.';
comment on column main.machine_certificate.threads_count is 'Threads that both sides were given.';
comment on column main.machine_certificate.comparisons_count is 'Comparisons of the framework with itself.';
comment on column main.machine_certificate.stable_count is 'Of these, those in which both sides were stable.';
comment on column main.machine_certificate.containing_count is 'Comparisons whose 95 % interval holds 1, unstable ones included.';
comment on column main.machine_certificate.containing_share is 'Their share of all comparisons; 0.95 is what the intervals promise.';
comment on column main.machine_certificate.containing_low is 'Lower end of the share''s 95 % interval (Wilson).';
comment on column main.machine_certificate.containing_high is 'Upper end of the share''s 95 % interval (Wilson).';
comment on column main.machine_certificate.disturbed_share is 'Share of the samples during which other load needed the processors.';
comment on column main.machine_certificate.median_deviation_fraction is 'Median over all comparisons of how far the ratio is from 1.';
comment on column main.machine_certificate.widest_deviation_fraction is 'The farthest that any ratio is from 1.';
comment on column main.machine_certificate.usual_deviation_fraction is '95 % of the stable comparisons stray no farther than this; null where none is stable.';
comment on column main.machine_certificate.supported_margin_fraction is 'By how much two frameworks must differ on this machine to be called different: usual_deviation_fraction rounded up to whole per cent, at least 0.05. Null with fewer than 20 stable comparisons. The next run on the machine with as many threads uses it.';
comment on column main.machine_certificate.holds is 'Whether at least 95 % of the intervals hold 1.';
comment on column main.machine_certificate.usual_instructions_deviation_fraction is 'As usual_deviation_fraction, of the ratios of instructions, all comparisons taken: how steady that second witness is here. No margin is made of it. Null where the processor does not count instructions, as in most virtual machines.';
