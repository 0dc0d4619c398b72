"""Raw answers as they were sent, found by their content, with a log of the paginations they belong to.

Below one folder: `pages/ab/abcd….gz` holds the bytes of one answer under their SHA-256, compressed (earlier versions
kept them as they came, without the ending), `<source>/walks.jsonl` one line per event. A pagination is `open` until its
end is proven (`finished`); what becomes of it afterwards is a further event. Lines are only added, until old ones are
dropped and the log is replaced as a whole, so that a process may be killed at any moment.
"""

import zlib
from collections.abc import Container, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from gzip import GzipFile
from hashlib import file_digest
from itertools import chain, count
from pathlib import Path
from shutil import copyfileobj
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.errors import BadInput
from pipeline.fetch.page import Page, Provenance, digest
from pipeline.log import logger
from pipeline.records.collected import CollectWindow
from pipeline.records.record import UtcMoment
from pipeline.storage import append_line, put_whole, storing, write_whole

_LOG = logger("fetch")
_LOG_FILE = "walks.jsonl"
_PARQUET = b"PAR1"
"""How a file begins that is compressed already and is read under its own name."""

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
        kept = self.page(page.provenance) or self._stored(page)
        if isinstance(page.content, Path):
            page.content.unlink()
        return kept if page.request.is_large else page

    def page(self, provenance: Provenance) -> Page | None:
        """Return a kept page, or None when its bytes are gone or damaged."""
        plain = self._path(provenance.sha256)
        packed = plain.with_suffix(".gz")
        page = Page(provenance=provenance, content=packed if packed.exists() else plain)
        try:
            with page.open() as stream:
                if provenance.request.is_large:
                    found = file_digest(stream, "sha256").hexdigest()
                else:
                    page = replace(page, content=stream.read())
                    found = digest(page.body)
        except (OSError, EOFError, zlib.error):
            return None
        return page if found == provenance.sha256 else None

    def _stored(self, page: Page) -> Page:
        plain = self._path(page.provenance.sha256)
        with page.open() as content, storing(plain.parent):
            is_packed = content.read(len(_PARQUET)) == _PARQUET
            content.seek(0)
            plain.parent.mkdir(parents=True, exist_ok=True)
            path = plain if is_packed else plain.with_suffix(".gz")
            with (
                put_whole(path) as unfinished,
                unfinished.open("wb") as file,
                nullcontext(file) if is_packed else GzipFile("", "wb", 6, file, mtime=0) as kept,  # equal bytes, always
            ):
                copyfileobj(content, kept)
        return replace(page, content=path)

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

    def drop(self, source_id: str, pagination_ids: Container[str]) -> None:
        """Afterwards the source's log tells nothing of these paginations."""
        kept = [event for event in self._events(source_id) if event.pagination_id not in pagination_ids]
        lines = [event.model_dump_json(exclude_defaults=True) + "\n" for event in kept]
        write_whole(self._log(source_id), "".join(lines).encode())

    def sweep(self) -> int:
        """Drop the answers that no log tells of any more, and return how many they were; nobody may ask meanwhile."""
        logs = self.folder.glob(f"*/{_LOG_FILE}")
        told = {event.page.sha256 for log in logs for event in self._events(log.parent.name) if event.page}
        untold = [file for file in self.folder.glob("pages/??/*") if file.is_file() and file.stem not in told]
        for file in untold:
            with storing(file.parent):
                file.unlink()
        return len(untold)

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
        return self.folder / source_id / _LOG_FILE
