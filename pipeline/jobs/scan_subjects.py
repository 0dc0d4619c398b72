"""Subjects to scan: those that a list gives, in the other paths those that are found, and those behind web addresses.

Each address is fetched politely, kept below the data folder, and scanned there.
"""

import csv
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from pipeline.detect.files.file_types import NAMES
from pipeline.detect.files.scan_units import Claims, ScanUnit, named_subject, scan_units_of, units_of_subject
from pipeline.detect.files.subjects import Subject, identifier_of, new_subject, repository_link
from pipeline.errors import BadInput, ObservatoryError
from pipeline.fetch.page import Page, Request
from pipeline.records.record import Year
from pipeline.settings import Settings
from pipeline.storage import read_plain

if TYPE_CHECKING:
    from pipeline.fetch.transport import RateLimits

SECONDS_BETWEEN_REQUESTS = 1.0
"""Pace of each host of a list, since none of them was asked for more."""
MOST_WAIT_SECONDS = 10.0
"""Longest waiting for one address that is not answered: a list is long, and can be scanned again."""
_LIST_BYTES = 8 << 20
_LIST_SUFFIXES = frozenset({"", ".txt", ".list", ".urls"})
_ADDRESS = re.compile(r"https?://[^\s/]+\S*")
_SUFFIX_OF_TYPE: dict[str, str] = NAMES["suffix_of_type"]
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
    text = path.read_text(encoding="utf-8-sig", errors="replace")
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
    from pipeline.fetch.transport import RateLimits  # noqa: PLC0415

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
    except (ObservatoryError, ValueError) as error:
        return ScanUnit(subject, folder, (), is_asked=True, refusals=((address, "unreachable", str(error)),))
    # The ending for the type that the service named, or else that of the address where it has one.
    of_name = PurePosixPath(urlsplit(page.address).path).suffix.lower()
    of_name = of_name if re.fullmatch(r"\.[a-z]{1,6}", of_name) else ""
    suffix = _SUFFIX_OF_TYPE.get(page.provenance.content_type) or of_name
    file = folder / (sha256(address.encode()).hexdigest()[:16] + suffix)
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


COLUMNS = "path, pattern, subject, year, venue, repository"
_YEAR: TypeAdapter[int] = TypeAdapter(Year)


class SubjectRow(NamedTuple):
    """One line of a list of subjects: a path, an address or a pattern of paths, and what is known of the subject."""

    place: str
    is_pattern: bool
    subject: str | None
    facts: Mapping[str, Any]
    """What the line says, by the fields of `Subject`."""


@dataclass(frozen=True, kw_only=True)
class WhatToScan:
    """Paths, and a list that says which subjects they hold, as a person gave them."""

    paths: tuple[Path, ...] = ()
    subject_id: str | None = None
    subjects_file: Path | None = None

    def units(self, settings: Settings, *, is_dry: bool = False) -> Iterator[ScanUnit]:
        """Yield the units of the list, and then those of the paths that the list does not name.

        Raises:
            BadInput: nothing is at a path, one name is given for several, or the list cannot be read.
        """
        if self.subject_id and len(self.paths) > 1:
            raise BadInput("One subject has one path; leave --subject out, or give one path.")
        claims: Claims = set()
        if self.subjects_file:
            yield from _listed_units(settings, self.subjects_file, self.paths, claims, is_dry=is_dry)
        folders = [Path(os.path.realpath(path)) for path in self.paths]
        for path, folder in zip(self.paths, folders, strict=True):
            if not self.subject_id and is_address_list(path):
                found = {address: subject_of_address(address) for address in addresses_in(path)}
                yield from scan_units_of_addresses(settings, found, is_dry=is_dry)
                continue
            is_alone = sum(other.name == folder.name for other in folders) == 1
            name = None if is_alone else folder.as_posix().lstrip("/")
            yield from scan_units_of(path, self.subject_id, name, claims)

    def counted_units(self, settings: Settings) -> Iterator[ScanUnit]:
        """Yield the units of papers and repositories, without what lies beside them; errors as for `units`."""
        return (unit for unit in self.units(settings) if unit.subject.kind != "folder")


def read_subject_rows(path: Path) -> list[SubjectRow]:
    """Return the lines of a list of subjects: CSV with a header and the columns of `COLUMNS`, in any order.

    Raises:
        BadInput: it cannot be read, has no path and no pattern, or has a year that is none.
    """
    try:
        text = read_plain(path).decode("utf-8-sig").replace("\0", "\ufffd")  # no path may hold a null byte
        reader = csv.DictReader(StringIO(text, newline=""))
        words = {name: name.strip().lower().replace(" ", "_") for name in reader.fieldnames or ()}
        names = {name: word.removesuffix("_link").removesuffix("_url") for name, word in words.items()}
        rows = [{names[key]: (value or "").strip() for key, value in row.items() if key in names} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path} cannot be read ({error}); give a CSV file in UTF-8 with columns {COLUMNS}.") from error
    if not {"path", "pattern", "repository"} & set(names.values()):
        raise BadInput(f"{path} has no column path, pattern or repository; it may have {COLUMNS}.")
    return [_row(path, number, row) for number, row in enumerate(rows, start=2) if any(row.values())]


def _row(path: Path, number: int, row: Mapping[str, str]) -> SubjectRow:
    text = row.get("year")
    try:
        year = _YEAR.validate_strings(text) if text else None
    except ValidationError as error:
        raise BadInput(f"{path}, line {number}: {text} is no year; leave it empty where it is unknown.") from error
    repository = row.get("repository")
    link = repository_link(repository) if repository else None
    facts = {
        "subject_id": identifier_of(row["subject"]) if row.get("subject") else None,
        "found_by": "metadata",
        "year": year,
        "year_origin": "metadata" if year else None,
        "venue": row.get("venue"),
        "repository": link or repository,
    }
    # What has no place of its own is asked for at its repository's address, or listed as nowhere to be had.
    place = row.get("path") or row.get("pattern") or (f"https://{link}" if link else repository or row.get("subject"))
    return SubjectRow(
        place=place or f"line {number}",
        is_pattern=not row.get("path") and bool(row.get("pattern")),
        subject=row.get("subject"),
        facts={name: fact for name, fact in facts.items() if fact},
    )


def _listed_units(
    settings: Settings, file: Path, paths: Sequence[Path], claims: Claims, *, is_dry: bool
) -> Iterator[ScanUnit]:
    """Yield the units of a list; places of one subject are one, and its paths are claimed."""
    bases = [*(path if path.is_dir() else path.parent for path in paths), file.parent, Path()]
    addresses: dict[str, Subject] = {}
    found: dict[str, tuple[Subject, list[Path]]] = {}
    for row in read_subject_rows(file):
        if row.place.startswith(("http://", "https://")):
            addresses[row.place] = replace(subject_of_address(row.place), **row.facts)
            continue
        for path in _places(row, bases):
            inside = (path.relative_to(base) for base in bases if base != Path() and path.is_relative_to(base))
            subject = replace(_subject_at(path, row.subject or str(next(inside, path))), **row.facts)
            known, held = found.setdefault(subject.subject_id, (subject, []))
            found[subject.subject_id] = _merged(known, subject), [*held, path]
    claims.update(os.path.realpath(path) for _, held in found.values() for path in held)
    for subject, held in found.values():
        yield from units_of_subject(subject, held)
    yield from scan_units_of_addresses(settings, addresses, is_dry=is_dry)


def _places(row: SubjectRow, bases: Iterable[Path]) -> list[Path]:
    """Return the paths that a line names; one that is not there stays, to be listed as such."""
    for base in bases:
        place = base / row.place
        try:
            found = sorted(base.glob(row.place)) if row.is_pattern else [place] * (place.exists() or place.is_symlink())
        except (OSError, ValueError, NotImplementedError) as error:
            raise BadInput(f"{row.place:.60} can be no path or pattern of paths; write it like */main.tex.") from error
        if found:
            return found
    return [Path(row.place)]


def _subject_at(path: Path, name: str) -> Subject:
    named = named_subject(Path(os.path.realpath(path)), name)
    # A paper's id may stand in the file's name alone.
    by_place = new_subject(path.name, named.kind, "")
    return named if named.year else replace(named, year=by_place.year, year_origin=by_place.year_origin)


def _merged(first: Subject, second: Subject) -> Subject:
    """One subject of two lines: a paper where either is, and of each fact the first that is given."""
    is_second_better = second.year_origin == "metadata" and first.year_origin != "metadata"
    year_of = second if first.year is None or is_second_better else first
    return replace(
        first,
        kind="paper" if "paper" in (first.kind, second.kind) else first.kind,
        year=year_of.year,
        year_origin=year_of.year_origin,
        venue=first.venue or second.venue,
        repository=first.repository or second.repository,
    )
