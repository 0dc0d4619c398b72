"""Rate limits: one per host, shared by every source that asks there."""

from dataclasses import dataclass, field
from threading import Lock

from pyrate_limiter import InMemoryBucket, Limiter, Rate

_MILLISECONDS = 1000


@dataclass
class RateLimits:
    """The limiters of one process; sources that ask the same host wait for each other."""

    seconds_between_requests: float | None = None
    """Replaces every source's own limit when the user set it."""
    _limiters: dict[str, Limiter] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def limiter(self, host: str, seconds_between_requests: float) -> Limiter | None:
        """Return the limiter of one host, the same one at each call; None when there is nothing to wait for."""
        own = self.seconds_between_requests
        seconds = seconds_between_requests if own is None else own
        if seconds <= 0:
            return None
        with self._lock:
            if host not in self._limiters:
                rate = Rate(1, max(1, round(seconds * _MILLISECONDS)))
                self._limiters[host] = Limiter(InMemoryBucket([rate]))
            return self._limiters[host]

    def close(self) -> None:
        """Stop the limiters' background threads."""
        with self._lock:
            for limiter in self._limiters.values():
                limiter.bucket_factory.close()
            self._limiters.clear()
