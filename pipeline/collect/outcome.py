"""What became of a source in one run."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How collecting one source ended; the worst of its windows counts."""

    COLLECTED = "collected"
    """Everything was reached, proven and loaded."""
    UNCHANGED = "unchanged"
    """Everything was reached; nothing was new."""
    NO_KEY = "no key"
    """It needs a key that is not set; not a failure."""
    NO_FILES = "no files"
    """It reads files that the user downloads, and there are none; not a failure."""
    OFFLINE = "offline"
    """There is no network at all; not a failure."""
    QUARANTINED = "quarantined"
    INCOMPLETE = "incomplete"
    LAYOUT_CHANGED = "layout changed"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    """Something of ours: a full disk, a broken contract."""

    @property
    def is_failure(self) -> bool:
        """Whether the run ends with a non-zero exit because of it."""
        return self not in {State.COLLECTED, State.UNCHANGED, State.NO_KEY, State.NO_FILES, State.OFFLINE}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one source: one state, the numbers, and one sentence with the remedy where there is one."""

    source_id: str
    state: State
    records_count: int = 0
    """Rows that were handed to the ledger in this run."""
    rejects_count: int = 0
    windows_count: int = 0
    """Windows that were loaded in this run."""
    requests_count: int = 0
    unchanged_count: int = 0
    """Requests that ended with 304 Not Modified."""
    message: str | None = None
    """What went wrong and what to do about it; None when nothing did."""
    notes: tuple[str, ...] = ()
    """Other things worth a line: a rename that was followed, items that the service lists twice."""

    @property
    def is_failure(self) -> bool:
        """Whether the run ends with a non-zero exit because of this source."""
        return self.state.is_failure
