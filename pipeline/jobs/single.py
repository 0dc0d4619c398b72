"""One part of the job by itself, without Prefect: its steps, the checks, and a new release."""

from collections.abc import Sequence

from pipeline.errors import Interrupted, ObservatoryError, Unmeasured
from pipeline.jobs import bench, collect, label, steps
from pipeline.jobs.params import RefreshParams
from pipeline.jobs.run_log import kept_log
from pipeline.log import logger
from pipeline.settings import Settings
from pipeline.sources.source import Source

_LOG = logger("refresh")


def collect_sources(
    settings: Settings, sources: Sequence[Source], *, accept: bool = False
) -> tuple[list[str], list[str]]:
    """Collect the sources one after the other and publish; return what went well and what failed, in sentences.

    Raises:
        Busy: another run holds the warehouse.
        ContractBroken: a check found figures that cannot be; nothing was published.
    """
    done: list[str] = []
    failures: list[str] = []
    with kept_log(settings), steps.open_job(settings, RefreshParams(bench=False), "collect") as job:
        asked = collect.open_live(job, tuple(sources))
        for source in sources:
            try:
                done.append(collect.collect_live(job, asked, source, accept=accept))
            except ObservatoryError as error:
                _LOG.error("%s failed: %s", source.name, error)
                failures.append(f"{source.name}: {error}")
        done.append(label.label_papers(job))
        steps.release(job, failures)
    return done, failures


def replay_sources(settings: Settings, sources: Sequence[Source]) -> tuple[list[str], list[str]]:
    """Read the kept answers of the sources again without the network and publish; return sentences as above.

    Raises:
        Busy: another run holds the warehouse.
        ContractBroken: a check found figures that cannot be; nothing was published.
    """
    done: list[str] = []
    failures: list[str] = []
    with kept_log(settings), steps.open_job(settings, RefreshParams(bench=False), "replay") as job:
        for source in sources:
            outcome = collect.replay_live(job, source)
            (failures if outcome.is_failure else done).append(
                f"{source.name}: {outcome.message or f'{outcome.records_count} rows read again'}"
            )
        done.append(label.label_papers(job))
        steps.release(job, failures)
    return done, failures


def measure_here(
    settings: Settings,
    *,
    quick: bool = False,
    choices: bench.BenchChoices = bench.BenchChoices(),  # noqa: B008 — frozen
) -> str:
    """Measure the installed frameworks and publish; return one sentence about it.

    Raises:
        BadInput: a choice cannot be had on this machine.
        Busy: another run holds the warehouse.
        ContractBroken: a check found figures that cannot be; nothing was published.
        Interrupted: Ctrl-C ended it early; what was measured until then is published.
        Unmeasured: something went wrong; its outcome and everything else is published.
    """
    params = RefreshParams(quick=quick)
    with kept_log(settings), steps.open_job(settings, params, "bench, quick" if quick else "bench") as job:
        try:
            sentence = bench.measure(job, choices)
        except (Interrupted, Unmeasured) as gaps:
            steps.release(job, [str(gaps)])
            raise
        steps.release(job, [])
    return sentence
