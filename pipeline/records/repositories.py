"""Records about code repositories."""

from datetime import date
from typing import ClassVar

from pipeline.records.base import Count, Identifier, Record


class RepositoryDay(Record):
    """Stars and forks one repository held on one day."""

    table: ClassVar[str] = "core.repository_day"
    key: ClassVar[tuple[str, ...]] = ("source_id", "repository", "observed_on")

    repository: Identifier
    """Canonical `owner/name`; renames are mapped."""
    listed_as: Identifier
    """The name it had on that day's list."""
    observed_on: date
    stars_count: Count
    forks_count: Count | None
