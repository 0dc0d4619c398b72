-- Grain: one row per machine and framework for which a small program is written.
create or replace view main.framework_ease as
with program as (
    select
        machine_id,
        max(measured_at) as measured_at,
        framework,
        max(framework_version) as framework_version,
        coalesce(max(outcome) filter (outcome = 'measured'), max(outcome)) as outcome,
        min(message) as message,
        max(value_median) filter (measure = 'lines') as lines_count,
        max(value_median) filter (measure = 'calls') as calls_count,
        max(value_median) filter (measure = 'loss') as loss,
        max(value_median) filter (measure = 'installed') as installed_bytes,
        max(value_median) filter (measure = 'packages') as packages_count,
        max(value_median) filter (measure = 'install') as install_seconds
    from main.special_measurements
    where probe_name = 'ease'
    group by machine_id, framework
),
started as (
    select
        machine_id, framework, mode,
        max(value_median) filter (measure = 'import') as import_seconds,
        max(value_median) filter (measure = 'import') + max(value_median) filter (measure = 'first step')
            as first_gradient_seconds
    from main.special_measurements
    where probe_name = 'cold_start' and device = 'cpu'
    group by machine_id, framework, mode, threads_count
    -- The quicker way to a first gradient; with most threads, where several numbers of them were measured.
    qualify row_number() over (
        partition by machine_id, framework order by threads_count desc, first_gradient_seconds nulls last, mode
    ) = 1
),
opinion as (
    select framework, edition_year, share
    from main.survey_answers
    where survey = 'stackoverflow opinions' and respondent_group = 'loved' and share is not null
    qualify row_number() over (partition by framework order by edition_year desc) = 1
)
select
    program.machine_id,
    program.measured_at,
    program.framework,
    program.framework_version,
    program.outcome,
    program.message,
    program.lines_count,
    program.calls_count,
    program.loss,
    program.installed_bytes,
    program.packages_count,
    program.install_seconds,
    started.import_seconds,
    started.first_gradient_seconds,
    started.mode as first_gradient_mode,
    opinion.share as wants_to_go_on_share,
    opinion.edition_year as opinion_year
from program
left join started on started.machine_id = program.machine_id and started.framework = program.framework
-- Of Keras the benchmarks have one entry for each backend, named after it.
left join opinion on opinion.framework = split_part(program.framework, '_', 1);

comment on view main.framework_ease is 'What can be counted of ease, beside what a survey says of it: how much is installed, how much somebody writes and waits for to train one small network. Each program (data/reference/ease) was run, trained its network, and is written as its framework''s own documentation does. Fewer lines are not easier to understand, to change or to mend: nothing here measures that. How long downloading takes depends on the connection and is not measured: the size stands for it.';
comment on column main.framework_ease.machine_id is 'The machine; see machines.';
comment on column main.framework_ease.measured_at is 'When the newest of the runs started, UTC.';
comment on column main.framework_ease.framework is 'Framework; keras_… is Keras on that backend.';
comment on column main.framework_ease.framework_version is 'Its version; null without a figure.';
comment on column main.framework_ease.outcome is 'measured, or why there is no figure: unsupported where no program is written for it.';
comment on column main.framework_ease.message is 'What the program or the harness said where there is no figure.';
comment on column main.framework_ease.lines_count is 'Lines of the program without comments and blank ones, all programs laid out alike by Python itself.';
comment on column main.framework_ease.calls_count is 'Different functions and methods that the program calls, without Python''s own and those that it defines itself.';
comment on column main.framework_ease.loss is 'Cross-entropy that its network ends with, in nat; the programs start from weights of their own.';
comment on column main.framework_ease.installed_bytes is 'Installed files of the framework''s package and of all that it requires, optional ones left out, as they lie on this machine: builds for processors alone are far smaller than others.';
comment on column main.framework_ease.packages_count is 'How many packages these are.';
comment on column main.framework_ease.install_seconds is 'What pip takes to install these packages from wheels that lie on the disk, the download left out: unpacking them into a new folder and compiling their Python. The wheels are made of the installed files, so they are packed less tightly than those of an index. Null where pip is not there, cannot, or takes longer than 90 seconds.';
comment on column main.framework_ease.import_seconds is 'Importing and setting it up in a fresh process, from the special measurement cold_start; null where that was not taken.';
comment on column main.framework_ease.first_gradient_seconds is 'From the start of the import to the end of the first training step, which compiles: import and first step of cold_start, in the mode that is quicker at it.';
comment on column main.framework_ease.first_gradient_mode is 'That mode.';
comment on column main.framework_ease.wants_to_go_on_share is 'Of those who work with it, the share who want to go on (loved) in the newest edition of the Stack Overflow Developer Survey that asked; null where none did. Not how hard it is, but the nearest that a survey asks.';
comment on column main.framework_ease.opinion_year is 'The year of that edition.';
