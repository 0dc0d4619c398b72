"""The steps that ask services: one a source, beside each other, and none of them can keep the others from coming in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from pipeline.clock import now_utc
from pipeline.collect.context import CollectContext
from pipeline.collect.engine import any_reachable, collect, offline, replay
from pipeline.collect.outcome import CollectOutcome, NotAsked
from pipeline.fetch.rate_limit import RateLimits
from pipeline.jobs.steps import Job, archived_sources, introduce
from pipeline.log import logger
from pipeline.sources.source import Source
from pipeline.warehouse.collection_store import WarehouseCollectionStore
from pipeline.warehouse.load import SourceEntry
from pipeline.warehouse.runs import SourceRun, record_source_run

_LOG = logger("refresh")


@dataclass(frozen=True, kw_only=True)
class Live:
    """The services that this run asks, and what their collections share."""

    sources: tuple[Source, ...]
    context: CollectContext
    is_online: bool
    """Whether the name of any of the services resolves; asked once, so that no source waits for a missing network."""
    recording: Lock = field(default_factory=Lock)
    """Sources are collected from several threads, and the warehouse's connection serves one at a time."""


def open_live(job: Job, sources: tuple[Source, ...]) -> Live:
    """Make the sources known to the warehouse and ready to be collected; no service is asked yet."""
    _introduce(job, sources)
    context = CollectContext(
        settings=job.settings, collection_store=WarehouseCollectionStore(job.connection), rate_limits=RateLimits()
    )
    return Live(sources=sources, context=context, is_online=any_reachable(sources, context))


def remarks(live: Live) -> list[str]:
    """Return what is said once, before anything is asked: that there is no network, or which key is missing."""
    if not live.is_online:
        return ["No service can be reached from here: going on offline, with the archived figures."]
    needed = [
        source.key.variable
        for source in live.sources
        if source.key and source.key.is_required and live.context.credential(source) is None
    ]
    return [f"Not asked for want of a key: {', '.join(needed)} can be set in the environment."] if needed else []


def replay_live(job: Job, source: Source) -> CollectOutcome:
    """Read every kept answer of one source again, without the network; never raises for what is kept."""
    _introduce(job, [source])
    context = CollectContext(
        settings=job.settings, collection_store=WarehouseCollectionStore(job.connection), rate_limits=RateLimits()
    )
    return replay(source, context)


def _introduce(job: Job, sources: Iterable[Source]) -> None:
    """Make the sources known; one whose figures are shipped keeps the title and terms that belong to those."""
    known = {name for (name,) in job.connection.execute("select source_id from ref.source").fetchall()}
    shipped = known & {source.source_id for source in archived_sources(job.settings)}
    today = now_utc().date()
    introduce(job, [_source_entry(source, today) for source in sources if source.name not in shipped])


def _source_entry(source: Source, added_on: date) -> SourceEntry:
    return SourceEntry(
        source_id=source.name,
        title=source.title,
        public_address=source.addresses[0],
        licence=source.licence,
        attribution=source.attribution,
        as_of=added_on,
    )


def collect_live(job: Job, live: Live, source: Source, *, accept: bool = False) -> str:
    """Bring one service's figures up to today, and record what became of it; what was loaded before stays.

    Raises:
        ObservatoryError: the service or its answers were not as they should be; the class says what helps.
    """
    _LOG.info("Asking %s", source.title)
    outcome = collect(source, live.context, accept=accept) if live.is_online or source.files else offline(source)
    for note in outcome.notes:
        _LOG.info("%s", note)
    with live.recording:
        _record(job, outcome)
    outcome.raise_failure()
    return f"{source.name}: {outcome.message or f'{outcome.records_count} rows, {outcome.state}'}"


def _record(job: Job, outcome: CollectOutcome) -> None:
    """Keep what became of a source in this run, also where it could not be asked."""
    not_asked = outcome.fault if isinstance(outcome.fault, NotAsked) else None
    record_source_run(
        job.connection,
        job.run_id,
        SourceRun(
            source_id=outcome.source_id,
            state="failed" if outcome.is_failure else "not asked" if not_asked else "live",
            records_count=outcome.records_count,
            rejects_count=outcome.rejects_count,
            message=outcome.message,
            remedy=not_asked.remedy if not_asked else None,
        ),
    )
