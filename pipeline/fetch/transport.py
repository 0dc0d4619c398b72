"""Sends one request once: puts the key in, reads the whole answer within bounds, and names what went wrong.

And rate limits: one per host, shared by every source that asks there.
"""

import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import random
from threading import Lock

from pyrate_limiter import InMemoryBucket, Limiter, Rate
from requests import PreparedRequest, Response
from requests import exceptions as broken
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import exceptions as urllib3_broken

from pipeline.clock import perf_counter
from pipeline.errors import Refused, TooLarge, Transient
from pipeline.fetch.addresses import Addresses, Credential, without_login
from pipeline.fetch.local_files import Spool
from pipeline.settings import Settings

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


_CHUNK_BYTES = 64 * 1024
# Dropping the rest keeps volatile headers (dates, cookies) out of the cache, and above all `Vary`: services vary by
# Authorization, which never reaches the cache, so that an answer asked for with a key would never be revalidated.
_KEPT_HEADERS = frozenset(
    {"content-type", "etag", "last-modified", "link", "location", "retry-after", "x-total-count"}
    | {"x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-resource"}
)


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


class TryAgain(Transient):
    """One attempt failed in a way that another one may not; the client decides whether there is one."""


class Transport(HTTPAdapter):
    """One attempt at a time; a key is added here and removed again before anybody else sees the answer."""

    def __init__(self, config: ClientConfig) -> None:
        super().__init__(max_retries=0)
        self._settings, self._limiter, self._credential = config.settings, config.limiter, config.credential
        self.spool: Spool | None = None
        """Where the next successful body is written instead of into memory; its client sets and clears it."""

    def send(  # noqa: PLR0913, PLR0917 — the library's own signature
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002 — the body is always read here
        timeout: object = None,  # noqa: ARG002 — the limits hold
        verify: bool | str = True,
        cert: object = None,  # noqa: ARG002 — no service of ours asks for one
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Send when the rate limit allows it, and read the whole answer, decompressed and within the limits.

        Raises:
            TryAgain: refused or broken connection, time limit, cut or undecodable body.
            Transient: the host's name does not resolve.
            Refused: the certificate is not trusted.
            TooLarge: the answer is larger than the limit.
        """
        if self._limiter:
            self._limiter.try_acquire()
        started = perf_counter()
        keyed = self._credential.put_into(request) if self._credential else request
        where = without_login(request.url or "")
        seconds = (self._settings.connect_seconds, self._settings.read_seconds)
        try:
            response = super().send(keyed, stream=True, timeout=seconds, verify=verify, proxies=proxies)
            body = self._read(response, where, started)
        except (broken.RequestException, urllib3_broken.HTTPError, OSError) as error:
            # The library's text can hold the address with the key, and so can the error it was raised from.
            raise _explained(error, where) from None
        return self._unkeyed(response, request, body)

    def _read(self, response: Response, where: str, started: float) -> bytes:
        is_large = self.spool is not None and response.status_code == 200  # noqa: PLR2004
        settings = self._settings
        limit_mb = settings.large_body_limit_mb if is_large else settings.body_limit_mb
        limit_seconds = settings.large_request_seconds if is_large else settings.request_seconds
        kept, size_bytes = bytearray(), 0
        if self.spool is not None:
            self.spool.restart()
        # read1 returns what has arrived; read would wait for a full chunk, and a slow drip would outlast every limit.
        for chunk in iter(partial(response.raw.read1, _CHUNK_BYTES, decode_content=True), b""):
            size_bytes += len(chunk)
            if size_bytes > limit_mb * 2**20:
                response.raw.close()
                raise TooLarge(
                    f"{where} sends more than {limit_mb} MB; if that is right, raise "
                    f"OBSERVATORY_{'LARGE_' if is_large else ''}BODY_LIMIT_MB."
                )
            if perf_counter() - started > limit_seconds:
                response.raw.close()
                raise TryAgain(f"{where} did not end its answer within {limit_seconds:g} s; run again later.")
            if is_large and self.spool is not None:
                self.spool.write(chunk)
            else:
                kept += chunk
        return bytes(kept)

    def _unkeyed(self, response: Response, request: PreparedRequest, body: bytes) -> Response:
        """Return the answer as if the request had been sent without the key."""
        headers = {name: value for name, value in response.headers.items() if name.lower() in _KEPT_HEADERS}
        response.request, response.url = request, request.url or ""
        if self._credential:
            # A redirect can echo the key that it was asked with.
            headers = {name: self._credential.masked(value.encode()).decode() for name, value in headers.items()}
            body = self._credential.masked(body)
        response.headers = CaseInsensitiveDict(headers)
        response._content = body  # noqa: SLF001 — the documented way to hand over a body that was read already
        response._content_consumed = True  # type: ignore[attr-defined]  # noqa: SLF001
        return response


# In this order: the first kind that an error, or anything it was made of, belongs to explains it.
_KINDS: tuple[tuple[tuple[type[BaseException], ...], type[Transient | Refused], str], ...] = (
    ((urllib3_broken.NameResolutionError, socket.gaierror), Transient,
     "the name does not resolve; check the network, or the address if you set one."),
    ((broken.SSLError, urllib3_broken.SSLError), Refused,
     "its certificate is not trusted; check this machine's clock, network and proxy."),
    ((broken.InvalidURL, broken.InvalidSchema, broken.MissingSchema, broken.InvalidProxyURL), Refused,
     "this is no address that can be asked; correct the setting it comes from."),
    # Before the time limits: the library counts a refused connection among them.
    ((urllib3_broken.NewConnectionError,), TryAgain, "it refuses connections; run again later."),
    ((broken.Timeout, urllib3_broken.TimeoutError, TimeoutError), TryAgain,
     "silent for too long; run again later, or raise OBSERVATORY_READ_SECONDS."),
    ((urllib3_broken.DecodeError, broken.ContentDecodingError), TryAgain,
     "the body does not decompress; run again later."),
)  # fmt: skip


def _explained(error: Exception, where: str) -> Transient | Refused:
    causes = list(_chain(error))
    for kinds, becomes, sentence in _KINDS:
        if any(isinstance(cause, kinds) for cause in causes):
            return becomes(f"{where}: {sentence}")
    return TryAgain(f"{where}: the connection broke before the answer had ended; run again later.")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and everything it was made of: the libraries nest causes, reasons and arguments."""
    waiting, known = [error], set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in known:
            continue
        known.add(id(one))
        yield one
        inner = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        waiting.extend(each for each in inner if isinstance(each, BaseException))
