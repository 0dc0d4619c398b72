"""A small source over JSON pages, and the service it asks: months of rows, paged, with a total and ETags."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from math import ceil
from pathlib import Path

from fault_server import Answer, Asked, with_etag

from pipeline.fetch.page import Page, Provenance, Request
from pipeline.fetch.pagination import PageInfo
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import RepositoryDay
from pipeline.records.collected import CollectWindow, Reject
from pipeline.sources.source import Source, months, read_rows

ADDRESS = "https://service.example/api"
FIRST_DAY = date(2025, 8, 1)


class _Row(Wire):
    name: str
    stars: object
    forks: int | None


class _Answer(Wire):
    total: int
    items: list[dict[str, object]]


def starts(window: CollectWindow, has_key: bool) -> Iterator[Request]:
    yield _request(window.window_id, 0, 100)


def follow(page: Page) -> Request | None:
    start, size = (int(page.request.detail(name)) for name in ("start", "size"))
    items = json_of(page, _Answer).items
    return _request(page.request.detail("month"), start + len(items), size) if items else None


def page_info(page: Page) -> PageInfo:
    answer = json_of(page, _Answer)
    return PageInfo(keys=tuple(str(item.get("name")) for item in answer.items), total=answer.total)


def parse(page: Page) -> Iterator[RepositoryDay | Reject]:
    month = page.request.detail("month")

    def read(item: dict[str, object]) -> Iterator[RepositoryDay]:
        row = _Row.model_validate(item)
        yield RepositoryDay(
            repository=row.name,
            listed_as=row.name,
            observed_on=date.fromisoformat(f"{month}-01"),
            stars_count=row.stars,
            forks_count=row.forks,
            **page.stamp("sample"),
        )

    yield from read_rows(page, "sample", json_of(page, _Answer).items, read, name=lambda item: str(item.get("name")))


def _request(month: str, start: int, size: int) -> Request:
    return Request(
        url=f"{ADDRESS}/items",
        params=(("month", month), ("start", str(start)), ("size", str(size))),
        about=(("month", month), ("start", str(start)), ("size", str(size))),
    )


SAMPLE = Source(
    name="sample",
    title="Sample",
    series=("github.stars",),
    records=(RepositoryDay,),
    addresses=(ADDRESS,),
    terms_url="https://service.example/terms",
    licence="CC0",
    attribution="nobody",
    seconds_between_requests=0,
    windows=lambda today: months(FIRST_DAY, today),
    starts=starts,
    follow=follow,
    page_info=page_info,
    parse=parse,
)


def row(month: str, number: int, **more: object) -> dict[str, object]:
    return {"name": f"owner/r{month}-{number:05}", "stars": number, "forks": number % 7, "unknown": "ignored", **more}


@dataclass
class SampleService:
    """Rows by month, served in pages."""

    rows: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    @classmethod
    def of(cls, months_count: int, rows_count: int) -> "SampleService":
        names = [f"{2025 + (7 + each) // 12}-{(7 + each) % 12 + 1:02}" for each in range(months_count)]
        return cls({name: [row(name, number) for number in range(rows_count)] for name in names})

    def respond(self, asked: Asked) -> Answer:
        month, start, size = asked.params["month"], int(asked.params["start"]), int(asked.params["size"])
        rows = self.rows.get(month, [])
        body = json.dumps({"total": len(rows), "items": rows[start : start + size]}).encode()
        return with_etag(asked, body, f'"{sha256(body).hexdigest()}"')

    @property
    def pages_count(self) -> int:
        return sum(max(1, ceil(len(rows) / 100)) for rows in self.rows.values())


def page_of(
    body: bytes | str | object,
    request: Request | None = None,
    *,
    encoding: str | None = "utf-8",
    content_type: str = "application/json",
) -> Page:
    """A page as if a service had sent it; anything but bytes and text is sent as JSON."""
    if not isinstance(body, bytes | str):
        body = json.dumps(body)
    content = body.encode() if isinstance(body, str) else body
    request = request or _request("2025-08", 0, 100)
    moment = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
    provenance = Provenance(
        request=request,
        address=request.address,
        status=200,
        content_type=content_type,
        encoding=encoding,
        sha256=sha256(content).hexdigest(),
        size_bytes=len(content),
        fetched_at=moment,
        seen_at=moment,
    )
    return Page(provenance=provenance, content=content)


def written(folder: Path, name: str, content: bytes) -> Path:
    """A file with this content."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
