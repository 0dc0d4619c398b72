"""One source, one run: the windows that are due, each walked to its proven end, read, judged and handed over."""

from collections.abc import Iterator
from datetime import timedelta

from pipeline.collect.batch import content_digest, read_batch
from pipeline.collect.context import Account, CollectContext
from pipeline.collect.drift_check import doubt
from pipeline.collect.outcome import State
from pipeline.errors import Incomplete, LayoutChanged, ObservatoryError
from pipeline.fetch.client import Client
from pipeline.fetch.local_files import LocalFiles
from pipeline.fetch.page import Page, Provenance, Request
from pipeline.fetch.pagination import ListedTwice, Pagination
from pipeline.fetch.raw_store import PaginationLog, WalkState
from pipeline.records.collected import Batch, Checkpoint, Window
from pipeline.sources.source import Source

_RESUMED_FOR = timedelta(hours=24)
_FAULTY_WINDOWS_LIMIT = 3


class Collection:
    """Collects what is due of one source, through one door."""

    def __init__(
        self, source: Source, desk: CollectContext, client: Client | LocalFiles, account: Account, *, accept: bool
    ) -> None:
        """Look at what earlier runs left."""
        self._source = source
        self._desk = desk
        self._client = client
        self._account = account
        self._accept = accept
        self._has_key = desk.secret(source) is not None
        self._vault = desk.vault
        self._walks = settled_walks(source, desk)
        self._checkpoints = dict(desk.ledger.checkpoints(source.name))

    def run(self) -> None:
        """Collect every window that is due.

        A window whose content is at fault does not keep the others from being collected, until several are.

        Raises:
            ObservatoryError: the service is out of reach or refuses us, or something of ours fails; all other windows
                would fare the same. What was loaded before stays, and the walk is gone on with in the next run.
        """
        faulty_count = 0
        for window in self._due():
            try:
                self._collect(window, self._checkpoints.get(window.window_id))
            except (LayoutChanged, Incomplete) as error:
                self._account.add_fault(error)
                faulty_count += 1
                if faulty_count == _FAULTY_WINDOWS_LIMIT:
                    return

    def _due(self) -> list[Window]:
        """Return the windows to be asked for in this run, oldest first."""
        known = self._checkpoints
        windows = self._source.windows(self._desk.now().date())
        due = [each for each in windows if each.window_id not in known or not known[each.window_id].is_final]
        never_asked = [each for each in due if each.window_id not in known]
        most = self._source.windows_most or len(never_asked)
        if len(never_asked) <= most:
            return due
        waiting = never_asked[:-most]
        self._account.notes.append(
            f"{self._source.title}: {len(waiting)} older windows wait for the next runs, {most} a run."
        )
        return [each for each in due if each not in waiting]

    def _collect(self, window: Window, checkpoint: Checkpoint | None) -> None:
        walk = self._left_over(window) or self._new_walk(window)
        is_accepted = walk.state == "quarantined"
        walk = self._to_its_end(window, walk)
        if checkpoint and checkpoint.content_sha256 == content_digest(self._source, walk.pages):
            now = self._desk.now()
            changed = {"walk_id": walk.walk_id, "is_final": is_final(self._source, walk), "checked_at": now}
            self._desk.ledger.confirm(checkpoint.model_copy(update=changed))
            self._note(walk, "loaded")
        else:
            self._hand_over(walk, self._read(walk), checkpoint, is_accepted=is_accepted)

    def _to_its_end(self, window: Window, walk: PaginationLog) -> PaginationLog:
        """Return a finished walk over the window: its end is proven and all its pages are kept."""
        if walk.state != "open":
            return walk
        try:
            self._walk(window, walk)
        except ListedTwice as first:
            self._abandon(walk, first)
            walk = self._once_more(window, first)
        except (LayoutChanged, Incomplete) as error:
            self._abandon(walk, error)
            raise
        self._note(walk, "finished")
        return walk

    def _once_more(self, window: Window, first: ListedTwice) -> PaginationLog:
        """Walk again: items that are listed twice in the same places again were not moved by the reading."""
        walk = self._new_walk(window)
        try:
            self._walk(window, walk)
        except (LayoutChanged, Incomplete) as second:
            if not isinstance(second, ListedTwice) or second.sequence_sha256 != first.sequence_sha256:
                self._abandon(walk, second)
                raise
            self._account.notes.append(f"{self._source.title} lists items twice in window {window.window_id}.")
        return walk

    def _walk(self, window: Window, walk: PaginationLog) -> None:
        kept = {page.request.fingerprint: page for page in walk.pages}
        walked: dict[str, Provenance] = {}

        def ask(request: Request, *, fresh: bool = False) -> Page:
            provenance = kept.get(request.fingerprint)
            page = self._vault.page(provenance) if provenance and not fresh else None
            page = page or self._ask(request, walk, fresh=fresh)
            walked[request.fingerprint] = page.provenance
            return page

        for first in self._source.starts(window, self._has_key):
            steps = Pagination(first, self._source.follow, self._source.tally, self._source.page_limit)
            for page in steps.pages(ask):
                for request in self._source.details(page):
                    ask(request)
        walk.pages = list(walked.values())

    def _ask(self, request: Request, walk: PaginationLog, *, fresh: bool) -> Page:
        page = self._vault.keep(self._client.get(request, fresh=fresh))
        self._check(page)
        self._vault.note_page(self._source.name, walk, page)
        if page.provenance.redirects:
            self._account.notes.append(f"{page.provenance.redirects[0]} has moved to {page.address}.")
        pause_seconds = self._source.pause_seconds(page)
        if pause_seconds > 0:
            self._client.wait(pause_seconds, f"{self._source.title} asks to pause for {pause_seconds:g} s")
        return page

    def _check(self, page: Page) -> None:
        try:
            self._source.check(page)
        except ObservatoryError:
            self._client.forget(page.request)
            raise

    def _read(self, walk: PaginationLog) -> Batch:
        try:
            return read_walk(self._source, self._desk, walk)
        except (LayoutChanged, Incomplete) as error:
            self._abandon(walk, error)
            raise

    def _hand_over(
        self, walk: PaginationLog, batch: Batch, checkpoint: Checkpoint | None, *, is_accepted: bool
    ) -> None:
        why = None if is_accepted else self._doubt(batch.checkpoint, checkpoint)
        if why is None:
            self._desk.ledger.load(batch)
            self._note(walk, "loaded")
            self._checkpoints[walk.window_id] = batch.checkpoint
            self._account.add_loaded(batch)
            return
        self._desk.ledger.set_aside(batch, why)
        self._note(walk, "quarantined", why)
        command = f"observatory collect {self._source.name} --accept"
        sentence = f"{self._source.title}: {why}; look at it, and if it is right run `{command}`."
        self._account.faults.append((State.QUARANTINED, sentence))

    def _doubt(self, fresh: Checkpoint, last: Checkpoint | None) -> str | None:
        older = [self._checkpoints[name] for name in sorted(self._checkpoints) if name < fresh.window_id]
        if last is None and self._source.is_snapshot and older:
            last = older[-1]
        return doubt(fresh, last, older, self._source.keep_floor_fraction)

    def _left_over(self, window: Window) -> PaginationLog | None:
        """Return the window's last walk if an earlier run left it to be gone on with, or the user accepts it now."""
        last = next((walk for walk in reversed(self._walks) if walk.window_id == window.window_id), None)
        if last is None:
            return None
        is_young = self._desk.now() - last.started_at < _RESUMED_FOR
        is_left = last.state in {"open", "finished"} and is_young
        return last if is_left or (last.state == "quarantined" and self._accept) else None

    def _new_walk(self, window: Window) -> PaginationLog:
        walk = PaginationLog.new(window, self._desk.now(), {each.walk_id for each in self._walks})
        self._walks.append(walk)
        return walk

    def _note(self, walk: PaginationLog, state: WalkState, reason: str | None = None) -> None:
        self._vault.note_state(self._source.name, walk, state, self._desk.now(), reason)

    def _abandon(self, walk: PaginationLog, error: ObservatoryError) -> None:
        """Afterwards nothing of the walk is used again, not even to be revalidated."""
        self._note(walk, "abandoned", str(error))
        for page in walk.pages:
            self._client.forget(page.request)


def is_final(source: Source, walk: PaginationLog) -> bool:
    """Return whether the walk's window had settled when the walk began, so that it need not be asked for again."""
    return source.is_snapshot or walk.ends_on + timedelta(days=source.settle_days) < walk.started_at.date()


def read_walk(source: Source, desk: CollectContext, walk: PaginationLog) -> Batch:
    """Return what the kept pages of a finished walk yield.

    Raises:
        Incomplete: a kept page is gone or damaged.
        LayoutChanged: as for `read_batch`.
    """
    pages = _kept_pages(desk, walk)
    return read_batch(source, walk, pages, is_final=is_final(source, walk), checked_at=desk.now())


def settled_walks(source: Source, desk: CollectContext) -> list[PaginationLog]:
    """Return all walks; one that was loaded just before its process was killed is noted as loaded first."""
    loaded = {checkpoint.walk_id for checkpoint in desk.ledger.checkpoints(source.name).values()}
    walks = desk.vault.walks(source.name)
    for walk in walks:
        if walk.state in {"finished", "quarantined"} and walk.walk_id in loaded:
            desk.vault.note_state(source.name, walk, "loaded", desk.now())
    return walks


def _kept_pages(desk: CollectContext, walk: PaginationLog) -> Iterator[Page]:
    for provenance in walk.pages:
        page = desk.vault.page(provenance)
        if page is None:
            raise Incomplete(f"{provenance.address}: the kept answer is gone or damaged; run again to ask anew.")
        yield page
