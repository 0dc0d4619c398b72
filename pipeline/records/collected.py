"""The parts of a collection: windows, batches of records with their proof, rejects and checkpoints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import ValidationError

from pipeline.records.record import Closed, Record, UtcMoment, field_at_fault


@dataclass(frozen=True, kw_only=True, order=True)
class CollectWindow:
    """A piece of a source that is collected, proven and loaded as a whole; both days are included."""

    starts_on: date
    ends_on: date
    window_id: str

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """Its days as a request carries them."""
        return ("from", self.starts_on.isoformat()), ("to", self.ends_on.isoformat())


@dataclass(frozen=True, kw_only=True)
class Reject:
    """A row that a service sent and that is no valid record; kept with the reason, never dropped silently."""

    source_id: str
    page_sha256: str
    locator: str
    """Which row of the page it is."""
    reason: str
    seen_at: datetime

    @classmethod
    def of(cls, stamp: Mapping[str, object], locator: str, error: Exception) -> "Reject":
        """Return the reject for a row of the page with this stamp; the reason names the field, not its content."""
        reason = field_at_fault(error) if isinstance(error, ValidationError) else str(error)
        return cls(locator=locator[:300], reason=reason, **stamp)  # type: ignore[arg-type]


class HeldValue(Closed):
    """A number that is too far from the last good one to be believed, kept apart with its row's key."""

    source_id: str
    window_id: str
    table_name: str
    row_key: str
    question: str
    """What was counted, in words: the same on each day of asking."""
    quantity: str
    """The field that holds it."""
    found_count: int
    last_good_count: int
    reason: str
    held_at: UtcMoment


class CollectedPage(Closed):
    """One page that records of a batch came from."""

    sha256: str
    address: str
    """The public address that answered in the end, without keys."""
    status: int
    content_type: str
    size_bytes: int
    fetched_at: UtcMoment
    """When these bytes were received."""


class TableProfile(Closed):
    """The rows of one table in a batch, and the number of them in which each nullable field is filled."""

    rows_count: int
    filled_counts: dict[str, int]


class Checkpoint(Closed):
    """The state of one window: what was last loaded of it."""

    source_id: str
    window_id: str
    pagination_id: str
    """Which pagination of the raw answers it was."""
    content_sha256: str
    """Over all pages and the parser's version: equal content needs no second load."""
    records_count: int
    rejects_count: int
    profile: dict[str, TableProfile]
    """By table: what the next load of this window is compared with."""
    is_final: bool
    """The window had ended when it was asked for, so it is not asked for again."""
    checked_at: UtcMoment
    """When the service last confirmed the content."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Everything that one complete pagination over one window yielded."""

    checkpoint: Checkpoint
    records: Sequence[Record]
    rejects: Sequence[Reject]
    pages: Sequence[CollectedPage]
    held: Sequence[HeldValue] = ()
    """Values that are held back; their rows are not among the records."""
