"""The request to a service, and its answer with its provenance."""

import gzip
import io
import json
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, Literal

from requests.models import PreparedRequest

from pipeline.errors import ContractBroken, LayoutChanged
from pipeline.records.collected import CollectedPage
from pipeline.records.record import Closed, UtcMoment

JSON_TYPES = ("application/json",)
XML_TYPES = ("application/atom+xml", "application/xml", "text/xml")
HTML_TYPES = ("text/html", "application/xhtml+xml")
TEXT_TYPES = ("text/plain", "text/csv", "text/tab-separated-values", "application/csv", "application/octet-stream")


class Request(Closed):
    """One question to a service, without any key: keys are put in by the transport and live nowhere else."""

    url: str
    params: tuple[tuple[str, str], ...] = ()
    method: Literal["GET", "POST"] = "GET"
    body: str | None = None
    """JSON or SQL of a POST that only reads."""
    headers: tuple[tuple[str, str], ...] = ()
    content_types: tuple[str, ...] = JSON_TYPES
    """Types that the parser can read; an answer of another type is refused before it is decoded."""
    accepted_statuses: tuple[int, ...] = (200,)
    """Statuses whose body the parser can read; every other one becomes an error."""
    is_large: bool = False
    """The answer goes to a file and is never held in memory; it is not revalidated, so ask for what does not change."""
    about: tuple[tuple[str, str], ...] = ()
    """Details of the question for the parser, e.g. `(("month", "2024-03"),)`."""

    @property
    def address(self) -> str:
        """The full address with its parameters."""
        prepared = PreparedRequest()
        prepared.prepare_url(self.url, list(self.params))
        return str(prepared.url)

    @property
    def fingerprint(self) -> str:
        """Equal for two requests that ask the same, whatever mirror they are sent to."""
        asked = [self.method, self.url, self.params, self.body]
        return sha256(json.dumps(asked, ensure_ascii=True).encode()).hexdigest()

    def detail(self, name: str) -> str:
        """Return one entry of `about`.

        Raises:
            ContractBroken: the request carries no such entry.
        """
        for key, value in self.about:
            if key == name:
                return value
        raise ContractBroken(f"a request to {self.url} does not say its {name}; report it.")


class Provenance(CollectedPage):
    """Where the bytes of one page came from; everything about a page but its bytes."""

    request: Request
    encoding: str | None
    """The character set that the service named, if any."""
    seen_at: UtcMoment
    """When the service last said that these bytes are its answer: later than `fetched_at` after a 304."""
    redirects: tuple[str, ...] = ()
    """Addresses that pointed onwards, e.g. after a rename, in their order."""
    repeated: tuple[str, ...] = ()
    """Keys of its items that earlier pages of the same list hold too; each counts once."""
    headers: tuple[tuple[str, str], ...] = ()
    """The few answer headers that parsers rely on, names in lower case."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One answer with its provenance; the bytes are in memory, or in a file (compressed if it ends in `.gz`)."""

    provenance: Provenance
    content: bytes | Path

    @property
    def request(self) -> Request:
        """The question."""
        return self.provenance.request

    @property
    def address(self) -> str:
        """The public address that answered."""
        return self.provenance.address

    @property
    def body(self) -> bytes:
        """All bytes.

        Raises:
            ContractBroken: the request is a large one; read it through `open`.
        """
        if isinstance(self.content, Path) and self.request.is_large:
            raise ContractBroken(f"{self.address} is too large to be read at once; let the source read it by `open`.")
        with self.open() as stream:
            return stream.read()

    def open(self) -> io.BufferedIOBase:
        """Return the bytes as a stream from their start."""
        if isinstance(self.content, bytes):
            return io.BytesIO(self.content)
        return gzip.open(self.content) if self.content.suffix == ".gz" else self.content.open("rb")

    def text(self) -> str:
        """Return the body decoded with the character set that the service named, or as UTF-8.

        Raises:
            LayoutChanged: the bytes are not text in that character set.
        """
        encoding = self.provenance.encoding or "utf-8"
        try:
            return self.body.decode(encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise LayoutChanged(
                f"{self.address} is no text in {encoding} ({error}); look at the page and report the change."
            ) from error

    def header(self, name: str) -> str | None:
        """Return one kept answer header, or None."""
        return dict(self.provenance.headers).get(name)

    def stamp(self, source_id: str) -> dict[str, Any]:
        """Return the provenance fields that every record of this page carries."""
        return {"source_id": source_id, "page_sha256": self.provenance.sha256, "seen_at": self.provenance.seen_at}


@dataclass(frozen=True, kw_only=True)
class PageInfo:
    """The items of one page, and the total that its service announces."""

    keys: tuple[str, ...] = ()
    """Identifiers of the page's items; a pagination without a total may leave them out."""
    total: int | None = None
    """The number of items that the service announces for the whole pagination; None where it announces none."""


def digest(content: bytes | Path) -> str:
    """Return the SHA-256 of some bytes, or of a file without holding it in memory."""
    if isinstance(content, bytes):
        return sha256(content).hexdigest()
    with content.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
