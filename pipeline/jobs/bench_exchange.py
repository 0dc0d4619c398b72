"""Benchmark results on their way between machines: out of the published copy into a file, and from a file in."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.bench.machine import this_machine
from pipeline.bench.registry import CASES
from pipeline.errors import BadInput
from pipeline.estimate.ratios import derive_self_comparisons
from pipeline.jobs.bench import judged
from pipeline.jobs.context import JobContext
from pipeline.jobs.publish import published_job
from pipeline.log import logger
from pipeline.metrics.read import open_published
from pipeline.records.bench_travel import MOST_BYTES, as_imported, from_file, to_file, without_samples
from pipeline.records.benchmarks import (
    OF_A_RUN,
    TRAVELLING,
    BenchRun,
    BenchSample,
    BenchSelfSample,
    BenchVariant,
    DerivedPerformance,
    MachineResults,
)
from pipeline.settings import Settings
from pipeline.storage import write_whole
from pipeline.warehouse.bench import read_results, replace_imported

_LOG = logger("bench")


def export_here(settings: Settings, file: Path, *, figures_only: bool = False) -> str:
    """Write every published benchmark run of this machine to `file`, whole or not at all; return a sentence about it.

    `figures_only`: of the newest run what was derived from its samples, and not these, as `data/archive` holds it.

    Raises:
        BadInput: nothing was measured here, or the file cannot be written.
    """
    with open_published(settings.published_file) as connection:
        results = read_results(connection, this_machine().machine_id)
    results, kinds = (without_samples(results), OF_A_RUN) if figures_only else (results, TRAVELLING)
    write_whole(file, to_file(file.name, results, kinds))
    return (
        f"{file}: {len(results.of(BenchRun))} runs, {len(results.of(BenchSample))} samples of {results.machine.title}"
    )


def import_here(settings: Settings, file: Path) -> str:
    """Take in the results of another machine from a file and publish; return a sentence about it.

    Raises:
        BadInput: the file cannot be read or is no export.
        Busy: another run holds the warehouse.
        ContractBroken: a check found figures that cannot be; nothing was published.
    """
    content = _content_of(file)
    from_file(file.name, content)  # a wrong file is refused before a run is begun
    with published_job(settings, "bench import") as job:
        return load_export(job, file.name, content)


def _content_of(file: Path) -> bytes:
    try:
        if file.exists() and not file.is_file():  # a pipe or a device may never end, or never begin
            raise BadInput(f"{file} cannot be read, since it is no plain file; name the file of an export.")
        if file.stat().st_size > MOST_BYTES:
            raise BadInput(f"{file} is larger than any export; name the file of one.")
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read ({error.strerror}); name the file of an export.") from error


def load_export(job: JobContext, name: str, content: bytes) -> str:
    """Load an export into the warehouse of a job as that of another machine; return a sentence about it.

    Loading it again changes nothing. Runs of this machine stay as they are, whatever the file says: what is imported
    has ids of its own. Medians, ratios and intervals are derived anew from the samples.

    Raises:
        BadInput: it is no export, or its figures cannot be; nothing of it is kept.
    """
    results = as_imported(_grouped(from_file(name, content)))

    def verdicts() -> Iterator[DerivedPerformance]:
        for run in results.of(BenchRun):
            samples = [sample for sample in results.of(BenchSample) if sample.run_id == run.run_id]
            yield from judged(job, results.machine, run, samples)

    compared = derive_self_comparisons(results.of(BenchSelfSample))
    new_count = replace_imported(job.connection, results, compared, verdicts)
    here, machine = this_machine(), results.machine
    same = "this very machine" if here.identity == machine.identity else "a machine of the same make as this one"
    likeness = f" ({same}, kept apart)" if machine.fingerprint == here.fingerprint else ""
    unverified = "" if results.is_verified else "; unverified, since an export this old carries no checksum"
    sentence = f"{machine.title}{likeness}: {len(results.of(BenchRun))} runs, {new_count} of them new{unverified}"
    _LOG.info("Imported %s", sentence)
    return sentence


def _grouped(results: MachineResults) -> MachineResults:
    """Return the results with the groups that an export without them lacks, of the cases that are known here."""
    known = {(case.name, size): case.group_at(size) for case in CASES for size in case.sizes}
    rows = tuple(
        row.model_copy(update={"case_group": row.case_group or known.get((row.case_name, row.size))})
        if isinstance(row, BenchVariant)
        else row
        for row in results.rows
    )
    return replace(results, rows=rows)
