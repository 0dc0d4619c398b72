-- Grain: one row per machine, framework and way of loading: samples that its data loader prepares
-- against those that its training of the small CNN takes.
create or replace view main.loader_headroom as
with training as (
    select
        measured.machine_id, measured.framework,
        max(variant.step_samples / measured.step_seconds_median) as training_rate,
        arg_max(measured.mode, variant.step_samples / measured.step_seconds_median) as training_mode
    from main.performance measured
    join core.bench_variant variant
      on variant.run_id = measured.run_id and variant.case_name = measured.case_name and variant.size = measured.size
     and variant.dtype = measured.dtype and variant.device = measured.device
     and variant.framework = measured.framework and variant.mode = measured.mode
    where measured.case_name = 'cnn_training' and measured.device = 'cpu'
      and measured.step_seconds_median is not null and variant.step_samples is not null
    group by measured.machine_id, measured.framework
)
select
    loaded.machine_id,
    loaded.measured_at,
    loaded.framework,
    loaded.mode as loading_mode,
    loaded.value_median as loading_rate,
    loaded.figures_count,
    training.training_rate,
    training.training_mode,
    loaded.value_median / training.training_rate as headroom_ratio
from main.special_measurements loaded
left join training on training.machine_id = loaded.machine_id and training.framework = loaded.framework
where loaded.probe_name = 'loader' and loaded.outcome = 'measured';

comment on view main.loader_headroom is 'Whether a framework''s own data loader keeps up with its training: images of 32 x 32 a second that it prepares, over those that a step of the small CNN takes on the CPU.';
comment on column main.loader_headroom.machine_id is 'The machine; see machines.';
comment on column main.loader_headroom.measured_at is 'When the run of the loader started, UTC.';
comment on column main.loader_headroom.framework is 'The framework.';
comment on column main.loader_headroom.loading_mode is 'serial: in the process itself; parallel: by two workers of the loader''s own kind.';
comment on column main.loader_headroom.loading_rate is 'Samples a second, the start of the workers included.';
comment on column main.loader_headroom.figures_count is 'Processes it is the median of.';
comment on column main.loader_headroom.training_rate is 'Samples a second that the quickest mode and size of cnn_training takes; null where it was not measured.';
comment on column main.loader_headroom.training_mode is 'The mode of that.';
comment on column main.loader_headroom.headroom_ratio is 'loading_rate over training_rate: below 1 the loader would hold training up.';
