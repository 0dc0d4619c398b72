"""The configuration of a client."""

from collections.abc import Callable
from dataclasses import dataclass
from random import random

from pyrate_limiter import Limiter

from pipeline.fetch.addresses import Addresses
from pipeline.fetch.credentials import Credential
from pipeline.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ClientConfig:
    """The service that a client asks, and the bounds within which it asks."""

    addresses: Addresses
    settings: Settings
    """Bounds of every request and of all waiting together, and the contact that services ask for."""
    credential: Credential | None = None
    key_setting: str | None = None
    """The variable that would hold a key, whether it is set or not; named when the service refuses us."""
    limiter: Limiter | None = None
    jitter: Callable[[], float] = random
    """From 0 to 1: the waits of many sources, which grow alike, do not all end at one moment."""
