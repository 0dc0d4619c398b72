"""Records about code repositories."""

from datetime import date

from pipeline.records.record import Count, Identifier, LargeCount, Record


class RepositoryDay(Record, table="core.repository_day", key="source_id repository observed_on"):
    """Stars and forks one repository held on one day."""

    repository: Identifier
    """Canonical `owner/name`; renames are mapped."""
    listed_as: Identifier
    """The name it had on that day's list."""
    observed_on: date
    stars_count: Count
    forks_count: Count | None


class RepositoryState(Record, table="core.repository_state", key="source_id repository observed_on"):
    """State of one repository on one day; a field is null where the way of asking does not report it."""

    repository: Identifier
    """`owner/name` as the service names it now."""
    listed_as: Identifier
    """The name it was asked for by; another one after a rename."""
    repository_number: LargeCount
    """The service's own number, which survives renames."""
    role: Identifier
    """What it is in the debate: a framework, or a tool beside one."""
    observed_on: date
    stars_count: Count
    forks_count: Count
    open_issues_count: Count | None
    """Without pull requests."""
    releases_count: Count | None
    newest_release_on: date | None
    pushed_on: date | None
    """Day of the newest commit to any branch."""
    created_on: date
    is_archived: bool
    licence: Identifier | None
    """SPDX identifier; null where the service recognises none."""
