"""The settings, stores and rate limits that the collections of one run share."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import sleep

from pipeline.clock import now_utc
from pipeline.fetch.addresses import Addresses, Credential, is_loopback
from pipeline.fetch.client import Client
from pipeline.fetch.local_files import LocalFiles
from pipeline.fetch.rate_limit import RateLimits
from pipeline.fetch.raw_store import RawStore
from pipeline.fetch.transport import ClientConfig
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
        return Credential(
            setting=source.key.variable,
            value=value,
            origin=self.addresses(source).origin,
            header=source.key.header,
            prefix=source.key.prefix,
            parameter=source.key.parameter,
        )

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
