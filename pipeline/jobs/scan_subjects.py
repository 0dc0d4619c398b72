"""Subjects to scan: those that a list gives, and in the other paths those that are found."""

import csv
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from pipeline.detect.files.scan_units import Claims, ScanUnit, named_subject, scan_units_of, units_of_subject
from pipeline.detect.files.subjects import Subject, identifier_of, new_subject, repository_link
from pipeline.errors import BadInput
from pipeline.jobs.scan_addresses import addresses_in, is_address_list, scan_units_of_addresses, subject_of_address
from pipeline.records.record import Year
from pipeline.settings import Settings

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
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            words = {name: name.strip().lower().replace(" ", "_") for name in reader.fieldnames or ()}
            names = {name: word.removesuffix("_link").removesuffix("_url") for name, word in words.items()}
            rows = [{names[key]: (value or "").strip() for key, value in row.items() if key in names} for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(
            f"{path} cannot be read ({error}); give a CSV file in UTF-8 with the columns {COLUMNS}."
        ) from error
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
            subject = replace(_subject_at(path, row.subject or _name_of(path, bases)), **row.facts)
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
        found = sorted(base.glob(row.place)) if row.is_pattern else [place] if os.path.lexists(place) else []
        if found:
            return found
    return [Path(row.place)]


def _name_of(path: Path, bases: Iterable[Path]) -> str:
    inside = (path.relative_to(base) for base in bases if base != Path() and path.is_relative_to(base))
    return str(next(inside, path))


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
