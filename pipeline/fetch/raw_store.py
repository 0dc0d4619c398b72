"""Raw answers as they were sent, found by their content, with a log of the paginations they belong to.

Below one folder: `pages/ab/abcd…` holds the bytes of one answer under its SHA-256, `<source>/walks.jsonl` one line per
event. A pagination is `open` until its end is proven (`finished`); what becomes of it afterwards is a further event.
Nothing is ever rewritten, so that a process may be killed at any moment.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, count
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import BadInput
from pipeline.fetch.page import Page, Provenance, digest
from pipeline.log import logger
from pipeline.records.collected import CollectWindow
from pipeline.records.record import UtcMoment
from pipeline.storage import append_line, storing, write_whole

_LOG = logger("fetch")

PaginationState = Literal["open", "finished", "loaded", "abandoned", "quarantined"]


class _Event(BaseModel):
    """One line of a source's log."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    pagination_id: str = Field(alias="walk_id")  # as it is named in the files of every version
    window_id: str
    ends_on: date
    state: PaginationState
    at: UtcMoment
    page: Provenance | None = None
    reason: str | None = None


@dataclass
class Pagination:
    """One pagination over one window; a new one exists in the raw store once its first page is noted."""

    pagination_id: str
    window_id: str
    ends_on: date
    """The window's last day."""
    started_at: datetime
    state: PaginationState = "open"
    pages: list[Provenance] = field(default_factory=list)
    """In the order of their first asking; of a page that was asked for again, the last answer."""

    @classmethod
    def new(cls, window: CollectWindow, at: datetime, known: Container[str]) -> "Pagination":
        """Return a pagination over the window that bears none of the known names."""
        name = f"{window.window_id}@{at:%Y%m%dT%H%M%SZ}"
        names = chain([name], (f"{name}-{number}" for number in count(2)))
        pagination_id = next(each for each in names if each not in known)
        return cls(pagination_id=pagination_id, window_id=window.window_id, ends_on=window.ends_on, started_at=at)


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
        elif self.page(page.provenance) is None:
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

    def note_page(self, source_id: str, pagination: Pagination, page: Page) -> None:
        """Afterwards the page belongs to the pagination."""
        self._append(source_id, pagination, state="open", at=page.provenance.seen_at, page=page.provenance)
        pagination.pages.append(page.provenance)

    def note_state(
        self, source_id: str, pagination: Pagination, state: PaginationState, at: datetime, reason: str | None = None
    ) -> None:
        """Afterwards the pagination is in this state."""
        self._append(source_id, pagination, state=state, at=at, reason=reason)
        pagination.state = state

    def paginations(self, source_id: str) -> list[Pagination]:
        """Return all paginations of one source in the order of their first pages."""
        found: dict[str, Pagination] = {}
        pages: dict[str, dict[str, Provenance]] = {}
        for event in self._events(source_id):
            known = Pagination(
                pagination_id=event.pagination_id, window_id=event.window_id, ends_on=event.ends_on, started_at=event.at
            )
            pagination = found.setdefault(event.pagination_id, known)
            pagination.state = event.state
            if event.page:
                pages.setdefault(event.pagination_id, {})[event.page.request.fingerprint] = event.page
        for pagination_id, pagination in found.items():
            pagination.pages = list(pages.get(pagination_id, {}).values())
        return list(found.values())

    def _append(self, source_id: str, pagination: Pagination, **facts: object) -> None:
        of = {"walk_id": pagination.pagination_id, "window_id": pagination.window_id, "ends_on": pagination.ends_on}
        event = _Event.model_validate({**of, **facts})
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

    def _path(self, sha256: str) -> Path:
        return self.folder / "pages" / sha256[:2] / sha256

    def _log(self, source_id: str) -> Path:
        return self.folder / source_id / "walks.jsonl"
