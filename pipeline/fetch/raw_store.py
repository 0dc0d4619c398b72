"""Raw answers as they were sent, found by their content, with a log of the walks they belong to.

Below one folder: `pages/ab/abcd…` holds the bytes of one answer under its SHA-256, `<source>/walks.jsonl` one line an
event. A walk is `open` until its end is proven (`finished`); what became of it afterwards is a further event. Nothing
is ever rewritten, so that a process may be killed at any moment.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, count
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.errors import BadInput
from pipeline.fetch.page import Page, Provenance, digest
from pipeline.fetch.storage import append_line, storing, write_whole
from pipeline.log import logger
from pipeline.records.collected import Window
from pipeline.records.record import UtcMoment

_LOG = logger("fetch")

WalkState = Literal["open", "finished", "loaded", "abandoned", "quarantined"]


class _Event(BaseModel):
    """One line of a source's log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    walk_id: str
    window_id: str
    ends_on: date
    state: WalkState
    at: UtcMoment
    page: Provenance | None = None
    reason: str | None = None


@dataclass
class PaginationLog:
    """What is known of one walk over one window; a new one exists in the vault once its first page is noted."""

    walk_id: str
    window_id: str
    ends_on: date
    """The window's last day."""
    started_at: datetime
    state: WalkState = "open"
    pages: list[Provenance] = field(default_factory=list)
    """In the order of their first asking; of a page that was asked for again, the last answer."""

    @classmethod
    def new(cls, window: Window, at: datetime, known: Container[str]) -> "PaginationLog":
        """Return a walk over the window that bears none of the known names."""
        name = f"{window.window_id}@{at:%Y%m%dT%H%M%SZ}"
        names = chain([name], (f"{name}-{number}" for number in count(2)))
        walk_id = next(each for each in names if each not in known)
        return cls(walk_id=walk_id, window_id=window.window_id, ends_on=window.ends_on, started_at=at)


@dataclass(frozen=True)
class RawStore:
    """All raw answers below one folder."""

    folder: Path

    def keep(self, page: Page) -> Page:
        """Keep the bytes of a page and return the page as it now lies here; keeping the same bytes again costs nothing.

        Raises:
            BadInput: the disk is full or the folder cannot be written; nothing half-written is left.
        """
        path = self._path(page.provenance.sha256)
        if isinstance(page.content, Path):
            with storing(path.parent):
                path.parent.mkdir(parents=True, exist_ok=True)
                page.content.replace(path)
        elif not self._holds(path, page.content):
            write_whole(path, page.content)
        return Page(provenance=page.provenance, content=path if page.request.is_large else page.content)

    def page(self, provenance: Provenance) -> Page | None:
        """Return a kept page, or None when its bytes are gone or damaged."""
        path = self._path(provenance.sha256)
        content: bytes | Path = path
        try:
            if not provenance.request.is_large:
                content = path.read_bytes()
            is_whole = digest(content) == provenance.sha256
        except OSError:
            return None
        return Page(provenance=provenance, content=content) if is_whole else None

    def note_page(self, source_id: str, walk: PaginationLog, page: Page) -> None:
        """Afterwards the page belongs to the walk."""
        self._append(source_id, _event(walk, "open", page.provenance.seen_at, page=page.provenance))
        walk.pages.append(page.provenance)

    def note_state(
        self, source_id: str, walk: PaginationLog, state: WalkState, at: datetime, reason: str | None = None
    ) -> None:
        """Afterwards the walk is in this state."""
        self._append(source_id, _event(walk, state, at, reason=reason))
        walk.state = state

    def walks(self, source_id: str) -> list[PaginationLog]:
        """Return all walks of one source in the order of their first pages."""
        found: dict[str, PaginationLog] = {}
        pages: dict[str, dict[str, Provenance]] = {}
        for event in self._events(source_id):
            known = PaginationLog(
                walk_id=event.walk_id, window_id=event.window_id, ends_on=event.ends_on, started_at=event.at
            )
            walk = found.setdefault(event.walk_id, known)
            walk.state = event.state
            if event.page:
                pages.setdefault(event.walk_id, {})[event.page.request.fingerprint] = event.page
        for walk_id, walk in found.items():
            walk.pages = list(pages.get(walk_id, {}).values())
        return list(found.values())

    def _append(self, source_id: str, event: _Event) -> None:
        append_line(self._log(source_id), event.model_dump_json(exclude_defaults=True))

    def _events(self, source_id: str) -> Iterator[_Event]:
        try:
            content = self._log(source_id).read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise BadInput(
                f"{self._log(source_id)} cannot be read ({error.strerror}); give yourself the right to."
            ) from error
        for line in content.split(b"\n"):
            if not line:
                continue
            try:
                yield _Event.model_validate_json(line)
            except ValidationError:
                # The write of a process that was killed; whatever it stood for is asked for again.
                _LOG.info("a torn line in %s is left out", self._log(source_id))

    def _holds(self, path: Path, content: bytes) -> bool:
        try:
            return path.read_bytes() == content
        except OSError:
            return False

    def _path(self, sha256: str) -> Path:
        return self.folder / "pages" / sha256[:2] / sha256

    def _log(self, source_id: str) -> Path:
        return self.folder / source_id / "walks.jsonl"


def _event(
    walk: PaginationLog, state: WalkState, at: datetime, *, page: Provenance | None = None, reason: str | None = None
) -> _Event:
    return _Event(
        walk_id=walk.walk_id,
        window_id=walk.window_id,
        ends_on=walk.ends_on,
        state=state,
        at=at,
        page=page,
        reason=reason,
    )
