"""Bringing figures in: those that ship with the project, and those of services, asked in turn or beside each other.

Collected papers get labels, which the detector reads from their titles, abstracts and comments.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any

from pipeline.archive.manifest import ManifestSource, archived_machines, archived_records, digest_of, read_manifest
from pipeline.clock import now_utc
from pipeline.collect.context import CollectContext, NotAsked
from pipeline.collect.engine import any_reachable, collect, offline, prune, replay
from pipeline.detect.rules.ruleset import read_rules
from pipeline.detect.text.mentions import MentionFinder, finder_of
from pipeline.errors import ObservatoryError
from pipeline.fetch.transport import RateLimits
from pipeline.jobs.context import JobContext
from pipeline.jobs.paper_code import read_drawn_code
from pipeline.jobs.publish import published_job
from pipeline.log import logger
from pipeline.records import PaperLabel
from pipeline.records.bench_travel import as_imported
from pipeline.settings import Settings
from pipeline.sources.source import Service, Source
from pipeline.warehouse.bench import replace_imported
from pipeline.warehouse.connect import transaction
from pipeline.warehouse.load import SourceEntry, load_records, load_snapshot, snapshot_state
from pipeline.warehouse.runs import SourceRun, WarehouseCollectionStore
from pipeline.warehouse.staging import put, read_rows

_BATCH_PAPERS = 5_000

_UNREAD = "from papers_to_label(?) order by source_id, paper_id limit ?"
# Labels under other rules go only when every paper has one under today's.
_SUPERSEDED = """
    delete from core.paper_label label
    where tier = 'mention' and ruleset_id <> ?
      and exists (select 1 from core.paper where source_id = label.source_id and paper_id = label.paper_id)
"""
_STALE = "delete from core.paper_label where source_id = ? and paper_id = ? and tier = 'mention' and ruleset_id = ?"


def label_papers(job: JobContext) -> str:
    """Read every collected paper that was not read under today's rules; return one sentence about it.

    Afterwards each has a label for every framework that its title, abstract or comment names as used, or the label
    `none`, and none under other rules.
    Papers are taken some thousands at a time, each batch as a whole, so that a run that is cut short goes on there.
    """
    ruleset = read_rules(job.settings.reference_folder)
    finder, read_count = finder_of(ruleset), 0
    while papers := read_rows(job.connection, _UNREAD, [finder.ruleset_id, _BATCH_PAPERS]):
        # Older labels go first: a run that is cut short before the new ones are loaded reads these papers again.
        stale = [[paper["source_id"], paper["paper_id"], finder.ruleset_id] for paper in papers]
        with transaction(job.connection):
            job.connection.executemany(_STALE, stale)
        load_records(job.connection, PaperLabel, [label for paper in papers for label in _labels(paper, finder)])
        read_count += len(papers)
    with transaction(job.connection):
        job.connection.execute(_SUPERSEDED, [finder.ruleset_id])
    return f"paper labels: {read_count} papers read under {finder.ruleset_id}"


def _labels(paper: dict[str, Any], finder: MentionFinder) -> Iterator[PaperLabel]:
    named = {mention.framework for mention in finder.find(paper.pop("text")) if mention.is_counted}
    for framework in sorted(named) or ["none"]:
        yield PaperLabel(**paper, tier="mention", framework=framework, ruleset_id=finder.ruleset_id)


_LOG = logger("refresh")


def archived_sources(settings: Settings) -> list[ManifestSource]:
    """Return the sources whose figures are shipped.

    Raises:
        BadArchive: the manifest is missing or damaged.
    """
    return read_manifest(settings.archive_folder).source


def shipped_digest(settings: Settings) -> str:
    """Return a digest of all shipped files and of the program that loads them; empty where one is damaged."""
    with suppress(ObservatoryError):  # which is told when it is loaded
        return "".join(digest_of(settings.archive_folder, source) for source in archived_sources(settings))
    return ""


def load_archived(job: JobContext, source: ManifestSource) -> str:
    """Load one shipped source whole, or nothing of it, and record how it went; return one sentence about it.

    While its files, this program and the rows on file are those of the load before, its files are not read again.

    Raises:
        BadArchive: a file of it is missing, changed, or holds a row that does not validate.
    """
    _LOG.info("Loading %s", source.title)
    folder, changed = job.settings.archive_folder, 0
    try:
        state = partial(snapshot_state, job.connection, source.source_id, digest_of(folder, source))
        known = read_rows(job.connection, "from ops.loaded_archive where source_id = ?", [source.source_id])
        if not known or known != [state()]:
            files, machines = list(archived_records(folder, source)), list(archived_machines(folder, source))
            count = load_snapshot(job.connection, source, files)
            new_runs = (replace_imported(job.connection, as_imported(each), [], checks=()) for each in machines)
            changed = count.inserted + count.updated + count.removed + sum(new_runs)
            put(job.connection, "ops.loaded_archive", [state()])
    except ObservatoryError as error:
        job.introduce([source])
        failed = SourceRun(
            source_id=source.source_id, state="failed", records_count=0, message=str(error), remedy=error.remedy
        )
        job.record(failed)
        raise
    rows = sum(file.rows_count for file in source.file)
    job.record(SourceRun(source_id=source.source_id, state="archived", records_count=rows))
    return f"{source.source_id}: {rows} rows as of {source.as_of}, {changed} of them new or changed"


Sentences = list[str]


@dataclass(frozen=True, kw_only=True)
class Collection:
    """The services that a run asks, and what collecting them shares."""

    sources: tuple[Service, ...]
    context: CollectContext
    is_online: bool
    """Whether the name of any of the services resolves; looked up once, so that none waits for a missing network."""
    recording: Lock = field(default_factory=Lock)
    """Sources are collected from several threads, and the warehouse's connection serves one at a time."""


def collect_and_publish(
    settings: Settings, sources: Sequence[Service], *, accept: bool = False, replayed: bool = False
) -> tuple[Sentences, Sentences]:
    """Collect the sources one after the other, label the papers, and publish; say what went well and what failed.

    A source that fails keeps no other from coming in. `replayed`: the answers that were kept are read again, without
    the network. Errors are those of `published_job`.
    """
    done: Sentences = []
    with published_job(settings, "replay" if replayed else "collect") as job:
        collection = open_collection(job, sources, is_offline=replayed)
        collected = partial(collect_source, job, collection, accept=accept)
        for source in sources:
            try:
                done.append(_replay_source(collection, source) if replayed else collected(source))
            except ObservatoryError as error:
                _LOG.error("%s failed: %s", source.name, error)
                job.failures.append(f"{source.name}: {error}")
        return [*done, label_papers(job)], job.failures


def _replay_source(collection: Collection, source: Service) -> str:
    if not isinstance(source, Source):
        return f"{source.name}: no code is kept that could be read again"
    outcome = replay(source, collection.context)
    outcome.raise_failure()
    said = outcome.message or f"{outcome.records_count} rows read again"
    return " ".join([f"{source.name}: {said}", *outcome.notes])


def prune_answers(collection: Collection) -> str:
    """Drop the raw answers that are older than the setting says; the rows that they gave stay. Return a sentence."""
    context = collection.context
    for source in collection.sources:
        if isinstance(source, Source):
            prune(source, context)
    days, dropped_count = context.settings.raw_answers_days, context.raw_store.sweep()
    return f"raw answers: {dropped_count} of more than {days} days dropped, their rows kept"


def open_collection(job: JobContext, sources: Sequence[Service], *, is_offline: bool = False) -> Collection:
    """Make the sources known to the warehouse and ready to be collected; no service is asked yet."""
    _introduce(job, sources)
    store = WarehouseCollectionStore(job.connection)
    context = CollectContext(settings=job.settings, collection_store=store, rate_limits=RateLimits())
    is_online = not is_offline and any_reachable(sources, context)
    return Collection(sources=tuple(sources), context=context, is_online=is_online)


def remarks(collection: Collection) -> Sentences:
    """Return what is said once, before anything is asked: that there is no network, or which key is missing."""
    if not collection.is_online:
        return ["No service can be reached from here: going on offline, with the archived figures."]
    needed = [
        source.key.variable
        for source in collection.sources
        if source.key and source.key.is_required and collection.context.credential(source) is None
    ]
    return [f"Not asked for want of a key: {', '.join(needed)} can be set in the environment."] if needed else []


def _introduce(job: JobContext, sources: Sequence[Service]) -> None:
    """Make the sources known; one whose figures are shipped keeps the title and terms that belong to those."""
    known = {name for (name,) in job.connection.execute("select source_id from ref.source").fetchall()}
    rhythms = ({"source_id": source.name, "days_count": source.rhythm_days} for source in sources)
    with transaction(job.connection):  # one that was asked within its rhythm is not stale
        put(job.connection, "ops.source_rhythm", rhythms)
    shipped = known & {source.source_id for source in archived_sources(job.settings)}
    job.introduce(
        SourceEntry(
            source_id=source.name,
            title=source.title,
            public_address=source.addresses[0],
            licence=source.licence,
            attribution=source.attribution,
            as_of=now_utc().date(),
        )
        for source in sources
        if source.name not in shipped
    )


def collect_source(job: JobContext, collection: Collection, source: Service, *, accept: bool = False) -> str:
    """Bring one service's figures up to today, and record how it went; what was loaded before stays.

    Raises:
        ObservatoryError: the service or its answers were not as they should be; the class says what helps.
    """
    _LOG.info("Asking %s", source.title)
    if not (collection.is_online or source.files):
        outcome = offline(source)
    elif isinstance(source, Source):
        outcome = collect(source, collection.context, accept=accept)
    else:
        outcome = read_drawn_code(job, collection.context)
    for note in outcome.notes:
        _LOG.info("%s", note)
    is_asked = not isinstance(outcome.fault, NotAsked)
    with collection.recording:  # also where it could not be asked
        job.record(
            SourceRun(
                source_id=outcome.source_id,
                state="failed" if outcome.is_failure else "live" if is_asked else "not asked",
                records_count=outcome.records_count,
                rejects_count=outcome.rejects_count,
                message=outcome.message,
                remedy=outcome.fault.remedy if outcome.fault else None,
            )
        )
    outcome.raise_failure()
    return f"{source.name}: {outcome.message or f'{outcome.records_count} rows, {outcome.state}'}"
