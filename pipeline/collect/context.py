"""What the collections of one run share, and the account that each keeps of itself."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import sleep

from pipeline.clock import now_utc
from pipeline.collect.outcome import Outcome, State
from pipeline.errors import Incomplete, LayoutChanged, ObservatoryError, Refused, Transient
from pipeline.fetch.addresses import Addresses
from pipeline.fetch.client import Client, Door
from pipeline.fetch.credentials import Credential, is_loopback
from pipeline.fetch.limits import Limits, user_agent
from pipeline.fetch.local_files import LocalFiles
from pipeline.fetch.rate_limit import RateLimits
from pipeline.fetch.raw_store import RawStore
from pipeline.records.collected import Batch, CollectionStore
from pipeline.settings import Settings
from pipeline.sources.source import Source

# A question can be a thousand characters of an address, and the sentence about it must still be read.
_LONG_ADDRESS = re.compile(r"(https?://\S{90})\S{20,}?([:;,.]?(?=\s|$))")


@dataclass(frozen=True, kw_only=True)
class CollectContext:
    """Settings, ledger and pace of one run. Different sources may be collected from different threads."""

    settings: Settings
    ledger: CollectionStore
    paces: RateLimits
    now: Callable[[], datetime] = now_utc
    sleep: Callable[[float], None] = sleep

    @property
    def vault(self) -> RawStore:
        """The raw answers."""
        return RawStore(self.settings.raw_folder)

    def addresses(self, source: Source) -> Addresses:
        """Return where a source is asked: at its own addresses, or at the mirror that the user set."""
        return Addresses(public=source.addresses, mirror=self.settings.source_urls.get(source.name))

    def secret(self, source: Source) -> Credential | None:
        """Return the source's key if it takes one and it is set."""
        if source.key is None:
            return None
        value = getattr(self.settings, source.key.setting)
        if value is None:
            return None
        return Credential(
            setting=source.key.variable,
            value=value,
            host=self.addresses(source).host,
            header=source.key.header,
            prefix=source.key.prefix,
            parameter=source.key.parameter,
        )

    def shelf(self, source: Source) -> LocalFiles | None:
        """Return the user's files that the source reads; None where it reads none or their folder is not set."""
        folder: Path | None = getattr(self.settings, source.files.setting) if source.files else None
        return LocalFiles(folder, self.settings.raw_folder / source.name, now=self.now) if folder else None

    def client(self, source: Source, secret: Credential | None) -> Client:
        """Return a door to the source's service, to be closed by the caller."""
        addresses = self.addresses(source)
        # A mirror on this machine is a test server or a copy of the user's own: nobody has to be spared.
        own_pace = 0.0 if addresses.mirror and is_loopback(addresses.host) else source.seconds_between_requests
        door = Door(
            addresses=addresses,
            user_agent=user_agent(self.settings.contact),
            secret=secret,
            key_setting=source.key.variable if source.key else None,
            limits=Limits.of(self.settings),
            limiter=self.paces.limiter(source.pace_group or addresses.host, own_pace),
        )
        return Client(door, self.settings.raw_folder / source.name, now=self.now, sleep=self.sleep)


@dataclass
class Account:
    """The numbers and sentences of one source while it is collected."""

    records_count: int = 0
    rejects_count: int = 0
    windows_count: int = 0
    faults: list[tuple[State, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add_loaded(self, batch: Batch) -> None:
        """Count a batch that was handed over."""
        self.windows_count += 1
        self.records_count += len(batch.records)
        self.rejects_count += len(batch.rejects)

    def add_fault(self, error: ObservatoryError) -> None:
        """Note what went wrong."""
        self.faults.append((_state_of(error), _LONG_ADDRESS.sub(r"\1…\2", str(error))))

    def outcome(self, source: Source, client: Client | LocalFiles | None) -> Outcome:
        """Return what became of the source: its worst fault, or none."""
        usual = State.COLLECTED if self.windows_count else State.UNCHANGED
        order = list(State)
        state, message = max(self.faults, key=lambda fault: order.index(fault[0]), default=(usual, None))
        if message and len(self.faults) > 1:
            message += f" ({len(self.faults) - 1} more windows have faults.)"
        return Outcome(
            source_id=source.name,
            state=state,
            records_count=self.records_count,
            rejects_count=self.rejects_count,
            windows_count=self.windows_count,
            requests_count=client.requests_count if client else 0,
            unchanged_count=client.unchanged_count if client else 0,
            message=message,
            notes=tuple(dict.fromkeys(self.notes)),
        )


def _state_of(error: ObservatoryError) -> State:
    kinds = {
        Transient: State.UNREACHABLE,
        Refused: State.REFUSED,
        LayoutChanged: State.LAYOUT_CHANGED,
        Incomplete: State.INCOMPLETE,
    }
    return next((state for kind, state in kinds.items() if isinstance(error, kind)), State.FAILED)
