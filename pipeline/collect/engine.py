"""Brings a source up to today, or reads again what it once answered."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from pydantic import ValidationError

from pipeline.collect.collection import Collection, read_pagination, settled_paginations
from pipeline.collect.context import CollectContext, CollectOutcome, CollectState, NotAsked
from pipeline.collect.value_check import without_held
from pipeline.errors import LayoutChanged, ObservatoryError
from pipeline.fetch.addresses import is_online
from pipeline.fetch.client import Client
from pipeline.fetch.local_files import LocalFiles
from pipeline.fetch.page import Page
from pipeline.records.collected import CollectWindow
from pipeline.records.record import field_at_fault
from pipeline.sources.source import ODD_VALUES, Service, Source

_Found = TypeVar("_Found")


def collect(source: Source, context: CollectContext, *, accept: bool = False) -> CollectOutcome:
    """Bring one source up to today; never raises for what a service or the disk does.

    Afterwards every window whose end is proven and that passes the drift check is loaded, and its answers are kept. A
    window that is not finished goes on where it stopped at the next call. What was loaded before is never lost.

    Args:
        source: what to collect.
        context: settings, collection store and rate limits of this run.
        accept: load what earlier runs put into quarantine: the user has looked at it.
    """
    outcome = CollectOutcome(source_id=source.name)
    source = carefully(source)
    try:
        source, client = _opened(source, context)
        with client:
            try:
                Collection(source=source, context=context, client=client, outcome=outcome, accept=accept).run()
            finally:
                outcome.requests_count, outcome.unchanged_count = client.requests_count, client.unchanged_count
    except ObservatoryError as error:
        outcome.faults.append(error)
    return outcome


def _opened(source: Source, context: CollectContext) -> tuple[Source, Client | LocalFiles]:
    """Return the source with what answers it: its service, or the user's files, and then the windows that have one."""
    if source.files is None:
        if source.key and source.key.is_required and context.credential(source) is None:
            raise NotAsked(
                CollectState.NO_KEY,
                f"{source.title} needs a key that is not set; set {source.key.variable}.",
                "Set the key in the environment; the other sources do not need it.",
            )
        return source, context.client(source)
    local_files, where = context.local_files(source), f"{source.files.variable} names no folder with its files"
    if local_files:

        def windows(today: date) -> list[CollectWindow]:
            return [each for each in source.windows(today) if all(map(local_files.has, source.starts(each, False)))]

        if windows(context.now().date()):
            return replace(source, windows=windows), local_files
        where = f"{local_files.folder} holds none of its files"
    raise NotAsked(
        CollectState.NO_FILES,
        f"{where}; the publisher gives them to people who are logged in.",
        "Download them and set the folder in the environment, to have the shipped counts checked.",
    )


def replay(source: Source, context: CollectContext) -> CollectOutcome:
    """Read every kept answer of one source again, without the network; the rows are those of the live runs.

    Only paginations that were loaded take part, in their order, so that the newest sight of each row wins again. Of a
    window whose answers were dropped for their age, the rows in the warehouse are what is left; they stay.
    """
    outcome = CollectOutcome(source_id=source.name)
    source = carefully(source)
    try:
        dropped = set(context.collection_store.checkpoints(source.name))
        for pagination in settled_paginations(source, context):
            dropped.discard(pagination.window_id)
            if pagination.state == "loaded":
                held = context.collection_store.held_values(source.name)
                batch = without_held(read_pagination(source, context, pagination), held)
                context.collection_store.load(batch)
                outcome.add_loaded(batch)
        if dropped:
            outcome.add_note(f"The answers of {len(dropped)} windows were dropped for their age; their rows stay.")
    except ObservatoryError as error:
        outcome.faults.append(error)
    return outcome


def prune(source: Source, context: CollectContext) -> None:
    """Give up the paginations that began longer ago than the setting says; `RawStore.sweep` then drops their answers.

    Those whose rows the warehouse does not hold stay, and one that a person may still accept.
    """
    oldest = context.now() - timedelta(days=context.settings.raw_answers_days)
    loaded = context.collection_store.checkpoints(source.name)
    paginations = settled_paginations(source, context)
    last = {each.window_id: each for each in paginations}.values()
    unread = [each for each in paginations if each.state == "loaded" and each.window_id not in loaded]
    awaited = {each.pagination_id for each in (*unread, *(each for each in last if each.state == "quarantined"))}
    old = {each.pagination_id for each in paginations if each.started_at < oldest} - awaited
    if old:
        context.raw_store.drop(source.name, old)


def carefully(source: Source) -> Source:
    """Return the source with its readers guarded: each raises nothing but this project's own errors."""
    return replace(
        source,
        kept=_guarded(source.kept),
        check=_guarded(source.check),
        follow=_guarded(source.follow),
        page_info=_guarded(source.page_info),
        pause_seconds=_guarded(source.pause_seconds),
        details=_guarded(lambda page: list(source.details(page))),
        parse=_guarded(lambda page: list(source.parse(page))),
    )


def _guarded(read: Callable[[Page], _Found]) -> Callable[[Page], _Found]:
    def guarded(page: Page) -> _Found:
        try:
            return read(page)
        except ODD_VALUES as error:
            reason = field_at_fault(error) if isinstance(error, ValidationError) else f"{type(error).__name__}: {error}"
            raise LayoutChanged(f"{page.address}: {reason}; look at the page and report the change.") from error

    return guarded


def any_reachable(sources: Iterable[Service], context: CollectContext) -> bool:
    """Return whether the host of at least one source resolves; asked once at the start of a run."""
    addresses = (context.addresses(source) for source in sources if source.files is None)
    return is_online(each.mirror or each.public[0] for each in addresses)


def offline(source: Service) -> CollectOutcome:
    """Return the outcome of a source in a run that found no network."""
    why = NotAsked(CollectState.OFFLINE, "No network; the archived figures stay.", "Run again with a network.")
    return CollectOutcome(source_id=source.name, faults=[why])
