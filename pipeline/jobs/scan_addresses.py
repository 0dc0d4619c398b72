"""Lists of web addresses to scan: each address is fetched politely, kept below the data folder, and scanned there."""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.detect.files.scan_units import ScanUnit
from pipeline.detect.files.subjects import Subject, new_subject, repository_link
from pipeline.errors import ObservatoryError
from pipeline.fetch.page import Page, Request
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.fetch.rate_limit import RateLimits

SECONDS_BETWEEN_REQUESTS = 1.0
"""Pace of each host of a list, since none of them was asked for more."""
MOST_WAIT_SECONDS = 10.0
"""Longest waiting for one address that is not answered: a list is long, and can be scanned again."""
_LIST_BYTES = 8 << 20
_LIST_SUFFIXES = frozenset({"", ".txt", ".list", ".urls"})
_ADDRESS = re.compile(r"https?://[^\s/]+\S*")
_SUFFIX_OF_TYPE = {
    **dict.fromkeys(("application/pdf", "application/x-pdf"), ".pdf"),
    **dict.fromkeys(("text/html", "application/xhtml+xml"), ".html"),
    **dict.fromkeys(("application/zip", "application/x-zip-compressed"), ".zip"),
    **dict.fromkeys(("application/gzip", "application/x-gzip"), ".tar.gz"),
    "application/x-tar": ".tar",
    "application/x-ipynb+json": ".ipynb",
    "application/json": ".json",
    "text/x-python": ".py",
    "text/markdown": ".md",
    "text/x-tex": ".tex",
    "text/plain": ".txt",
    **dict.fromkeys(("application/octet-stream", ""), ""),
}
_REPOSITORY = re.compile(r"https?://(?:www\.)?github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?$")
_ARXIV = re.compile(r"https?://(?:www\.)?arxiv\.org/abs/(\S+)$")


def is_address_list(path: Path) -> bool:
    """Return whether a file holds nothing but web addresses, one per line, and remarks that start with `#`."""
    if not path.is_file() or path.suffix.lower() not in _LIST_SUFFIXES or path.stat().st_size > _LIST_BYTES:
        return False
    lines = addresses_in(path)
    return bool(lines) and all(_ADDRESS.fullmatch(line) for line in lines)


def addresses_in(path: Path) -> list[str]:
    """Return the lines of a list that are no remarks, each once."""
    text = path.read_text(encoding="utf-8", errors="replace")
    return [line for line in dict.fromkeys(map(str.strip, text.splitlines())) if line and not line.startswith("#")]


def subject_of_address(address: str) -> Subject:
    """Return the subject behind an address: a repository of a forge, or a paper."""
    repository = repository_link(address) if file_address(address) != address and "arxiv" not in address else None
    return new_subject(address, "repository" if repository else "paper", "address", repository)


def scan_units_of_addresses(
    settings: Settings, subjects: Mapping[str, Subject], *, is_dry: bool = False
) -> Iterator[ScanUnit]:
    """Yield a unit for each address; one that cannot be had is a file listed as unreachable.

    Nothing is asked for where `is_dry`.
    """
    if is_dry:
        yield from (ScanUnit(subject, Path(), (), is_asked=True) for subject in subjects.values())
        return
    # Most scans ask for no address, and what asks for one takes half a second to import.
    from pipeline.fetch.rate_limit import RateLimits  # noqa: PLC0415

    rate_limits = RateLimits(seconds_between_requests=settings.seconds_between_requests)
    folder = settings.raw_folder / "scan"
    try:
        for address, subject in subjects.items():
            yield _scan_unit(settings, folder, rate_limits, address, subject)
    finally:
        rate_limits.close()


def _scan_unit(settings: Settings, folder: Path, rate_limits: "RateLimits", address: str, subject: Subject) -> ScanUnit:
    try:
        page = _fetched(settings, folder, rate_limits, file_address(address))
    except ObservatoryError as error:
        return ScanUnit(subject, folder, (), is_asked=True, refusals=((address, "unreachable", str(error)),))
    file = folder / (sha256(address.encode()).hexdigest()[:16] + _suffix(page))
    if not file.exists() or file.read_bytes() != page.body:
        file.write_bytes(page.body)
    return ScanUnit(subject, file, None, is_asked=True)


def file_address(address: str) -> str:
    """Return where the file behind an address lies: a repository's archive, a paper's PDF, or the address itself."""
    if repository := _REPOSITORY.fullmatch(address):
        return f"https://codeload.github.com/{repository.group(1)}/zip/HEAD"
    if paper := _ARXIV.fullmatch(address):
        return f"https://arxiv.org/pdf/{paper.group(1)}"
    return address


def _fetched(settings: Settings, folder: Path, rate_limits: "RateLimits", address: str) -> Page:
    from pipeline.fetch.addresses import Addresses  # noqa: PLC0415
    from pipeline.fetch.client import Client  # noqa: PLC0415
    from pipeline.fetch.transport import ClientConfig  # noqa: PLC0415

    parts = urlsplit(address)
    config = ClientConfig(
        addresses=Addresses(public=(f"{parts.scheme}://{parts.netloc}",)),
        settings=settings.model_copy(
            update={"wait_limit_seconds": min(settings.wait_limit_seconds, MOST_WAIT_SECONDS)}
        ),
        limiter=rate_limits.limiter(parts.netloc, SECONDS_BETWEEN_REQUESTS),
    )
    with Client(config, folder) as client:
        return client.get(Request(url=address, content_types=tuple(_SUFFIX_OF_TYPE)))


def _suffix(page: Page) -> str:
    """Return the ending for the type that the service named, or else that of the address where it has one."""
    of_type = _SUFFIX_OF_TYPE.get(page.provenance.content_type, "")
    of_name = PurePosixPath(urlsplit(page.address).path).suffix.lower()
    return of_type or (of_name if re.fullmatch(r"\.[a-z]{1,6}", of_name) else "")
