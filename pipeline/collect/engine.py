"""Brings a source up to today, or reads again what it once answered."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from pipeline.collect.collection import Collection, read_walk, settled_walks
from pipeline.collect.context import Account, CollectContext
from pipeline.collect.outcome import Outcome, State
from pipeline.errors import ObservatoryError
from pipeline.fetch.client import Client
from pipeline.fetch.local_files import LocalFiles
from pipeline.fetch.online import is_online
from pipeline.records.collected import Window
from pipeline.sources.source import Files, Source


def collect(source: Source, desk: CollectContext, *, accept: bool = False) -> Outcome:
    """Bring one source up to today; never raises for what a service or the disk does.

    Afterwards every window whose end was proven and that passed judgement is loaded, and its answers are kept. A
    window that was not finished goes on where it stopped at the next call. What was loaded before is never lost.

    Args:
        source: what to collect.
        desk: settings, ledger and pace of this run.
        accept: load what earlier runs put into quarantine: the user has looked at it.
    """
    secret = desk.secret(source)
    if source.key and source.key.is_required and secret is None:
        sentence = f"{source.title} needs a key that is not set; set {source.key.variable}."
        return Outcome(source_id=source.name, state=State.NO_KEY, message=sentence)
    shelf = desk.shelf(source)
    files = source.files
    if files:
        source = _of_files_there(source, shelf)
        if not list(source.windows(desk.now().date())):
            return _no_files(source, files, desk)
    account = Account()
    client: Client | LocalFiles | None = None
    try:
        with shelf or desk.client(source, secret) as client:
            Collection(source, desk, client, account, accept=accept).run()
    except ObservatoryError as error:
        account.add_fault(error)
    return account.outcome(source, client)


def _of_files_there(source: Source, shelf: LocalFiles | None) -> Source:
    def windows(today: date) -> list[Window]:
        all_windows = source.windows(today) if shelf else ()
        return [each for each in all_windows if shelf and all(map(shelf.has, source.starts(each, False)))]

    return replace(source, windows=windows)


def _no_files(source: Source, files: Files, desk: CollectContext) -> Outcome:
    variable, folder = files.variable, getattr(desk.settings, files.setting)
    where = f"{folder} holds none of its files" if folder else f"{variable} names no folder with its files"
    sentence = f"{where}; the publisher gives them to people who are logged in."
    return Outcome(source_id=source.name, state=State.NO_FILES, message=sentence)


def replay(source: Source, desk: CollectContext) -> Outcome:
    """Read every kept answer of one source again, without the network; the rows are those of the live runs.

    Only walks that were loaded take part, in their order, so that the newest sight of each row wins again.
    """
    account = Account()
    try:
        for walk in settled_walks(source, desk):
            if walk.state != "loaded":
                continue
            batch = read_walk(source, desk, walk)
            desk.ledger.load(batch)
            account.add_loaded(batch)
    except ObservatoryError as error:
        account.add_fault(error)
    return account.outcome(source, None)


def any_reachable(sources: Iterable[Source], desk: CollectContext) -> bool:
    """Return whether the host of at least one source resolves; asked once at the start of a run."""
    addresses = (desk.addresses(source) for source in sources if source.files is None)
    return is_online(each.mirror or each.public[0] for each in addresses)


def offline(source: Source) -> Outcome:
    """Return the outcome of a source in a run that found no network."""
    return Outcome(source_id=source.name, state=State.OFFLINE, message="No network; the archived figures stay.")
