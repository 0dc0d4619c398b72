"""Bounds of every request, and the configuration of a client."""

from dataclasses import dataclass, field
from importlib.metadata import version

from pyrate_limiter import Limiter

from pipeline.fetch.addresses import Addresses
from pipeline.fetch.credentials import Credential
from pipeline.settings import Settings


@dataclass(frozen=True, kw_only=True)
class FetchLimits:
    """Bounds of every request, and of all waiting of one source together."""

    connect_seconds: float = 10
    read_seconds: float = 30
    """The longest silence in the middle of an answer."""
    request_seconds: float = 120
    """The longest that one answer may take altogether."""
    large_request_seconds: float = 1800
    body_bytes: int = 64 * 2**20
    """The largest answer, counted after decompression."""
    large_body_bytes: int = 2 * 2**30
    retries_count: int = 3
    backoff_seconds: float = 1
    wait_seconds: float = 300
    """The longest that one source waits altogether because its service asks to or fails."""

    @classmethod
    def of(cls, settings: Settings) -> "FetchLimits":
        """Return the limits that the user set, and the usual ones otherwise."""
        same = {"connect_seconds", "read_seconds", "request_seconds", "large_request_seconds"}
        return cls(
            body_bytes=settings.body_limit_mb * 2**20,
            large_body_bytes=settings.large_body_limit_mb * 2**20,
            wait_seconds=settings.wait_limit_seconds,
            **settings.model_dump(include=same | {"retries_count", "backoff_seconds"}),
        )


@dataclass(frozen=True, kw_only=True)
class ClientConfig:
    """The service that a client asks, and the bounds within which it asks."""

    addresses: Addresses
    user_agent: str
    credential: Credential | None = None
    key_setting: str | None = None
    """The variable that would hold a key, whether it is set or not; named when the service refuses us."""
    limits: FetchLimits = field(default_factory=FetchLimits)
    limiter: Limiter | None = None


def user_agent(contact: str | None) -> str:
    """Return our true name with the contact that services ask for."""
    name = f"framework-observatory/{version('framework-observatory')}"
    return f"{name} (contact: {contact})" if contact else name
