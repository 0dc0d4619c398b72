"""One source, one run: the windows that are due, each paged to its proven end, read, checked for drift and loaded."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from pipeline.collect.batch import content_digest, drift_reason, read_batch
from pipeline.collect.context import CollectContext, CollectOutcome, Quarantined
from pipeline.collect.value_check import GoodValues, sifted
from pipeline.errors import Incomplete, LayoutChanged, ObservatoryError
from pipeline.fetch.client import Client
from pipeline.fetch.local_files import LocalFiles
from pipeline.fetch.page import Page, Provenance, Request
from pipeline.fetch.pagination import ListedTwice, Paginator
from pipeline.fetch.raw_store import Pagination, PaginationState
from pipeline.records.collected import Batch, Checkpoint, CollectWindow
from pipeline.sources.source import Source
from pipeline.warehouse.load import UnfitRow

_FAULTY_WINDOWS_LIMIT = 3
_RESUMABLE = timedelta(days=3)
"""So long the pages of a walk that was cut are taken for parts of one list; a nightly run comes a day later."""


@dataclass(kw_only=True)
class Collection:
    """Collects what is due of one source, through one client, from where earlier runs left it."""

    source: Source
    context: CollectContext
    client: Client | LocalFiles
    outcome: CollectOutcome
    accept: bool

    def __post_init__(self) -> None:
        self._repeats_count = 0
        self._raw_store = self.context.raw_store
        self._paginations = settled_paginations(self.source, self.context)
        self._good_values = GoodValues.of(self.source, self.context.collection_store)
        self._held_values = self.context.collection_store.held_values(self.source.name)
        self._checkpoints = dict(self.context.collection_store.checkpoints(self.source.name))

    def run(self) -> None:
        """Collect every window that is due.

        A window whose content is at fault does not keep the others from being collected, until several are.

        Raises:
            ObservatoryError: the service is out of reach or refuses us, or something of ours fails; all other windows
                would fare the same. What was loaded before stays, and the pagination is gone on with in the next run.
        """
        faulty_count = 0
        for window in self._due():
            try:
                self._collect(window, self._checkpoints.get(window.window_id))
            except (LayoutChanged, Incomplete) as error:
                self.outcome.faults.append(error)
                faulty_count += 1
                if faulty_count == _FAULTY_WINDOWS_LIMIT:
                    return

    def _due(self) -> list[CollectWindow]:
        """Return the windows to be asked for in this run, oldest first."""
        known, most = self._checkpoints, self.source.windows_most
        windows = self.source.windows(self.context.now().date())
        due = [each for each in windows if each.window_id not in known or not known[each.window_id].is_final]
        waiting = [each for each in due if each.window_id not in known][:-most] if most else []
        if waiting:
            sentence = f"{self.source.title}: {len(waiting)} older windows wait for the next runs, {most} a run."
            self.outcome.add_note(sentence)
        return [each for each in due if each not in waiting]

    def _collect(self, window: CollectWindow, checkpoint: Checkpoint | None) -> None:
        pagination = self._left_over(window) or self._new_pagination(window)
        is_accepted = pagination.state == "quarantined"
        pagination = self._to_its_end(window, pagination)
        is_held = any(each.window_id == window.window_id for each in self._held_values)
        if checkpoint and not is_held and checkpoint.content_sha256 == content_digest(self.source, pagination.pages):
            changed = {"pagination_id": pagination.pagination_id, "is_final": is_final(self.source, pagination)}
            checked = checkpoint.model_copy(update={**changed, "checked_at": self.context.now()})
            self.context.collection_store.confirm(checked)
            self._note(pagination, "loaded")
        else:
            with self._abandoned_if_at_fault(pagination):
                batch = read_pagination(self.source, self.context, pagination)
            self._hand_over(pagination, batch, checkpoint, is_accepted=is_accepted)

    def _to_its_end(self, window: CollectWindow, pagination: Pagination) -> Pagination:
        """Return a finished pagination over the window: its end is proven and all its pages are kept."""
        if pagination.state != "open":
            return pagination
        try:
            with self._abandoned_if_at_fault(pagination):
                self._paginate(window, pagination)
        except ListedTwice as first:
            pagination = self._new_pagination(window)
            with self._abandoned_if_at_fault(pagination):
                try:
                    self._paginate(window, pagination)
                except ListedTwice as second:
                    # Items that are listed twice in the same places again were not moved by the reading.
                    if second.sequence_sha256 != first.sequence_sha256:
                        raise
        self._note(pagination, "finished")
        if self._repeats_count:
            self.outcome.add_note(
                f"{self.source.title} lists {self._repeats_count} items more than once in window {window.window_id}; "
                "each counts once."
            )
        return pagination

    def _paginate(self, window: CollectWindow, pagination: Pagination) -> None:
        self._repeats_count = 0
        kept = {page.request.fingerprint: page for page in pagination.pages}
        reached: dict[str, Provenance] = {}

        def ask(request: Request, *, fresh: bool = False, known: AbstractSet[str] = frozenset()) -> Page:
            provenance = kept.get(request.fingerprint)
            page = self._raw_store.page(provenance) if provenance and not fresh else None
            page = page or self._ask(request, pagination, fresh=fresh, known=known)
            reached[request.fingerprint] = page.provenance
            return page

        has_key = self.context.credential(self.source) is not None
        for first in self.source.starts(window, has_key):
            steps = Paginator(first, self.source.follow, self.source.items, self.source.page_limit)
            try:
                for page in steps.pages(ask):
                    for request in self.source.details(page):
                        ask(request)
            finally:
                self._repeats_count += steps.repeats_count
        pagination.pages = list(reached.values())

    def _ask(self, request: Request, pagination: Pagination, *, fresh: bool, known: AbstractSet[str]) -> Page:
        page = self._raw_store.keep(self.source.kept(self.client.get(request, fresh=fresh)))
        page = self._checked(page, known)
        self._raw_store.note_page(self.source.name, pagination, page)
        if page.provenance.redirects:
            self.outcome.add_note(f"{page.provenance.redirects[0]} has moved to {page.address}.")
        pause_seconds = self.source.pause_seconds(page)
        if pause_seconds > 0:
            self.client.wait(pause_seconds, f"{self.source.title} asks to pause for {pause_seconds:g} s")
        return page

    def _checked(self, page: Page, known: AbstractSet[str]) -> Page:
        """Return the page with the keys that it repeats; one that is no answer is not believed again later."""
        try:
            self.source.check(page)
            repeated = known & set(self.source.items(page).keys) if known else ()
        except ObservatoryError:
            self.client.forget(page.request)
            raise
        provenance = page.provenance.model_copy(update={"repeated": tuple(sorted(repeated))})
        return Page(provenance=provenance, content=page.content)

    def _hand_over(
        self, pagination: Pagination, batch: Batch, checkpoint: Checkpoint | None, *, is_accepted: bool
    ) -> None:
        command = f"observatory collect {self.source.name} --accept"
        older = [self._checkpoints[name] for name in sorted(self._checkpoints) if name < pagination.window_id]
        last = older[-1] if checkpoint is None and self.source.is_snapshot and older else checkpoint
        why = None if is_accepted else drift_reason(batch.checkpoint, last, older)
        if why:
            self.context.collection_store.set_aside(batch, why)
            self._note(pagination, "quarantined", why)
            sentence = f"{self.source.title}: {why}; look at it, and if it is right run `{command}`."
            self.outcome.faults.append(Quarantined(sentence))
            return
        if not (is_accepted or self.accept):
            batch = sifted(batch, self._good_values, self._held_values)
        with self._abandoned_if_at_fault(pagination):
            self.context.collection_store.load(batch)
        self._note(pagination, "loaded")
        self._checkpoints[pagination.window_id] = batch.checkpoint
        self.outcome.add_loaded(batch)
        if batch.held:
            sentence = (
                f"{self.source.title}: {len(batch.held)} values are held back, {batch.held[0].question} first: "
                f"{batch.held[0].reason}; look at the view withheld, and if they are right run `{command}`."
            )
            self.outcome.faults.append(Quarantined(sentence))

    def _left_over(self, window: CollectWindow) -> Pagination | None:
        """Return the window's last pagination if an earlier run left it unfinished, or the user accepts it now."""
        last = next((each for each in reversed(self._paginations) if each.window_id == window.window_id), None)
        if last is None:
            return None
        is_young = self.context.now() - last.started_at < _RESUMABLE
        is_left = last.state in {"open", "finished"} and is_young
        return last if is_left or (last.state == "quarantined" and self.accept) else None

    def _new_pagination(self, window: CollectWindow) -> Pagination:
        pagination = Pagination.new(window, self.context.now(), {each.pagination_id for each in self._paginations})
        self._paginations.append(pagination)
        return pagination

    def _note(self, pagination: Pagination, state: PaginationState, reason: str | None = None) -> None:
        self._raw_store.note_state(self.source.name, pagination, state, self.context.now(), reason)

    @contextmanager
    def _abandoned_if_at_fault(self, pagination: Pagination) -> Iterator[None]:
        """Where its content is at fault, nothing of the pagination is used again, not even to be revalidated."""
        try:
            yield
        except (LayoutChanged, Incomplete, UnfitRow) as error:
            self._note(pagination, "abandoned", str(error))
            for page in pagination.pages:
                self.client.forget(page.request)
            if isinstance(error, UnfitRow):
                raise LayoutChanged(f"{self.source.title}, window {pagination.window_id}: {error}") from error
            raise


def is_final(source: Source, pagination: Pagination) -> bool:
    """Return whether the window had settled when the pagination began, so that it need not be asked for again."""
    return source.is_snapshot or pagination.ends_on + timedelta(days=source.settle_days) < pagination.started_at.date()


def read_pagination(source: Source, context: CollectContext, pagination: Pagination) -> Batch:
    """Return what the kept pages of a finished pagination yield.

    Raises:
        Incomplete: a kept page is gone or damaged.
        LayoutChanged: as for `read_batch`.
    """

    def pages() -> Iterator[Page]:
        for provenance in pagination.pages:
            page = context.raw_store.page(provenance)
            if page is None:
                raise Incomplete(f"{provenance.address}: the kept answer is gone or damaged; run again to ask anew.")
            yield page

    return read_batch(source, pagination, pages(), is_final=is_final(source, pagination), checked_at=context.now())


def settled_paginations(source: Source, context: CollectContext) -> list[Pagination]:
    """Return all paginations; one that was loaded just before its process was killed is noted as loaded first."""
    loaded = {checkpoint.pagination_id for checkpoint in context.collection_store.checkpoints(source.name).values()}
    paginations = context.raw_store.paginations(source.name)
    for pagination in paginations:
        if pagination.state in {"finished", "quarantined"} and pagination.pagination_id in loaded:
            context.raw_store.note_state(source.name, pagination, "loaded", context.now())
    return paginations
