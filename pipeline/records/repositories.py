"""Records about code repositories."""

from datetime import date
from typing import Literal

from pipeline.records.record import Count, Fraction, Identifier, LargeCount, Record


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


class DrawnRepository(Record, table="core.drawn_repository", key="source_id month_start repository"):
    """A repository that papers of one month link to, drawn at random, and what became of it; its code is not kept."""

    month_start: date
    repository: Identifier
    inclusion_fraction: Fraction
    """Its place in the random order: it is drawn wherever at least this part of the month's repositories is."""
    outcome: Literal["with code", "no code", "not obtained"]
    reason: Identifier | None
    archive_bytes: LargeCount
    snapshot_commit: Identifier | None
    own_state: Literal["one", "several", "none", "undecided"] | None
    """How sure the answer is to what its own code is written in; null where there is no code."""
    ruleset_id: Identifier


class DrawnCodeLabel(Record, table="core.drawn_code_label", key="source_id month_start repository tier framework"):
    """One framework of one drawn repository, and the first place that shows it."""

    month_start: date
    repository: Identifier
    tier: Literal["own", "import", "dependency"]
    framework: Identifier
    rule_id: Identifier
    path: Identifier
    position: LargeCount
    place: Identifier
