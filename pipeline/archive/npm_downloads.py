"""npm: monthly downloads of the web and mobile packages of each framework's family, from published tables."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pipeline.archive.importer import ArchiveFile, Fields, Importer
from pipeline.archive.raw_text import count_of, meaning_of, moment_of, text_rows
from pipeline.records import PeriodCount
from pipeline.reference import known_frameworks

RAW_FILE = "monthly_downloads.csv"
# The day on which each version of the publisher's package appeared, by the registry.
_PUBLISHED_ON = {"2.20251201.0": date(2026, 1, 15), "2.20260301.0": date(2026, 4, 1)}


def _totals(path: Path) -> Iterator[Fields]:
    """Yield the downloads of each package in the month that its table is named after.

    Each package is a subject of its own and nothing is added up, since packages of one family install one another.
    """
    frameworks = {package.name: entry.id for entry, package in known_frameworks().packages("npm")}
    for version, month, package, downloads in text_rows(path, ("snapshot_version", "month", "package", "downloads")):
        # The question mark stands for a month of which the table does not say whether it is this or the one before.
        first = moment_of(path, "month", f"{month.removesuffix('?')}-01").date()
        yield {
            "measure": "downloads",
            "subject": f"{package}: downloads in the month",
            "framework": meaning_of(path, "package", frameworks, package),
            "period_start": first,
            "period_end": first.replace(day=monthrange(first.year, first.month)[1]),
            "observed_on": meaning_of(path, "version", _PUBLISHED_ON, version),
            "items_count": count_of(path, "downloads", downloads),
        }


IMPORTER = Importer("npm_downloads", ArchiveFile("npm_downloads.csv", PeriodCount, RAW_FILE, _totals))
