"""The settings, stores and rate limits that the collections of one run share, and the outcome of each."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from time import sleep

from pipeline.clock import now_utc
from pipeline.errors import Incomplete, ObservatoryError
from pipeline.fetch.addresses import Addresses, Credential, is_loopback, origin_of
from pipeline.fetch.client import Client
from pipeline.fetch.local_files import LocalFiles
from pipeline.fetch.raw_store import RawStore
from pipeline.fetch.transport import ClientConfig, RateLimits
from pipeline.records.collected import Batch
from pipeline.settings import Settings
from pipeline.sources.source import Service
from pipeline.warehouse.runs import WarehouseCollectionStore


@dataclass(frozen=True, kw_only=True)
class CollectContext:
    """Settings, stores and rate limits of one run. Different sources may be collected from different threads."""

    settings: Settings
    collection_store: WarehouseCollectionStore
    rate_limits: RateLimits
    now: Callable[[], datetime] = now_utc
    sleep: Callable[[float], None] = sleep

    @property
    def raw_store(self) -> RawStore:
        """The raw answers."""
        return RawStore(self.settings.raw_folder)

    def addresses(self, source: Service) -> Addresses:
        """Return where a source is asked: at its own addresses, or at the mirror that the user set."""
        mirror = self.settings.source_urls.get(source.name)
        return Addresses(public=source.addresses, mirror=mirror, answering_hosts=source.answering_hosts)

    def credential(self, source: Service) -> Credential | None:
        """Return the source's key if it takes one and it is set."""
        value = getattr(self.settings, source.key.setting) if source.key else None
        if source.key is None or value is None:
            return None
        addresses = self.addresses(source)
        return Credential(key=source.key, value=value, origin=origin_of(addresses.mirror or addresses.public[0]))

    def local_files(self, source: Service) -> LocalFiles | None:
        """Return the user's files that the source reads; None where it reads none or their folder is not set."""
        folder: Path | None = getattr(self.settings, source.files.setting) if source.files else None
        return LocalFiles(folder, self.settings.raw_folder / source.name, now=self.now) if folder else None

    def client(self, source: Service) -> Client:
        """Return a client of the source's service, to be closed by the caller."""
        addresses = self.addresses(source)
        # A mirror on this machine is a test server or a copy of the user's own: nobody has to be spared.
        is_own_mirror = bool(addresses.mirror) and is_loopback(addresses.host)
        config = ClientConfig(
            addresses=addresses,
            settings=self.settings,
            credential=self.credential(source),
            key_setting=source.key.variable if source.key else None,
            limiter=self.rate_limits.limiter(addresses.host, 0.0 if is_own_mirror else source.seconds_between_requests),
        )
        return Client(config, self.settings.raw_folder / source.name, now=self.now, sleep=self.sleep)


# A question can be a thousand characters of an address, and the sentence about it must still be read.
_LONG_ADDRESS = re.compile(r"(https?://\S{90})\S{20,}?([:;,.]?(?=\s|$))")


class CollectState(StrEnum):
    """The end of collecting one source; the worst of its windows counts."""

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


class NotAsked(ObservatoryError):
    """The service was not asked at all, which is no failure."""

    def __init__(self, state: CollectState, message: str, remedy: str) -> None:
        super().__init__(message)
        self.source_state = state
        self.remedy = remedy


class Quarantined(Incomplete):
    """What came in differs too much from what is published; it is kept apart until a person accepts it."""

    remedy = "Look at what is kept apart; the message names the command that accepts it."
    source_state = "quarantined"


@dataclass(kw_only=True)
class CollectOutcome:
    """The numbers, faults and notes of one source, filled while it is collected."""

    source_id: str
    records_count: int = 0
    """Rows that were handed to the collection store in this run."""
    rejects_count: int = 0
    windows_count: int = 0
    """Windows that were loaded in this run."""
    requests_count: int = 0
    unchanged_count: int = 0
    """Requests that ended with 304 Not Modified."""
    faults: list[ObservatoryError] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    """Other things worth a line: a rename that was followed, items that the service lists twice."""

    def add_loaded(self, batch: Batch) -> None:
        """Count a batch that was handed over."""
        self.windows_count += 1
        self.records_count += len(batch.records)
        self.rejects_count += len(batch.rejects)

    def add_note(self, note: str) -> None:
        """Keep a note, once."""
        if note not in self.notes:
            self.notes += (note,)

    @property
    def fault(self) -> ObservatoryError | None:
        """The worst fault."""
        order = list(CollectState)
        return max(self.faults, key=lambda each: order.index(CollectState(each.source_state)), default=None)

    @property
    def state(self) -> CollectState:
        """The state of the worst fault, or of a source without one."""
        if self.fault:
            return CollectState(self.fault.source_state)
        return CollectState.COLLECTED if self.windows_count else CollectState.UNCHANGED

    @property
    def message(self) -> str | None:
        """One sentence about the worst fault with its remedy; None where there is no fault."""
        if self.fault is None:
            return None
        more = f" ({len(self.faults) - 1} more windows have faults.)" if len(self.faults) > 1 else ""
        return _LONG_ADDRESS.sub(r"\1…\2", str(self.fault)) + more

    @property
    def is_failure(self) -> bool:
        """Whether the run ends with a non-zero exit because of this source."""
        return self.fault is not None and not isinstance(self.fault, NotAsked)

    def raise_failure(self) -> None:
        """Raise the worst fault with the sentence of `message`, unless there is none or the service was not asked."""
        if self.fault and self.is_failure:
            self.fault.args = (self.message,)
            raise self.fault
