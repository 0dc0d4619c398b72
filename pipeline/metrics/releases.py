"""The published releases that are kept, which of them is shown, and the one of a day."""

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import BadInput

_STAMP = "%Y%m%dT%H%M%SZ"
_STAMP_LENGTH = len("20260101T000000Z")


class Release(NamedTuple):
    """One published database."""

    published_at: datetime
    """When its run began, UTC."""
    name: str
    database: Path
    is_shown: bool
    """Whether `published` leads to it."""


def kept_releases(data_folder: Path) -> list[Release]:
    """Return the releases below the data folder, the oldest first."""
    found = []
    shown = (data_folder / "published").resolve()
    for database in data_folder.glob("releases/*/observatory.duckdb"):
        name = database.parent.name
        try:
            published_at = datetime.strptime(name[:_STAMP_LENGTH], _STAMP)  # noqa: DTZ007 — the name says Z, all are UTC
        except ValueError:
            continue
        is_shown = database.parent.resolve() == shown
        found.append(Release(published_at=published_at, name=name, database=database, is_shown=is_shown))
    return sorted(found)


def published_as_of(data_folder: Path, day: date) -> Path:
    """Return the database that was published last on that day (UTC) or before it.

    Raises:
        BadInput: none that old is kept.
    """
    kept = kept_releases(data_folder)
    older = [release for release in kept if release.published_at.date() <= day]
    if older:
        return older[-1].database
    first = f"the oldest that is kept is of {kept[0].published_at:%Y-%m-%d}" if kept else "none is kept"
    raise BadInput(f"there is no release of {day} or before; {first}.")
