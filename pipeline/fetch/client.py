"""Asks one service: politely, conditionally, within bounds, and with one sentence for whatever goes wrong."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import Message
from http import HTTPStatus
from http.client import responses
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Self

import requests
from requests import Response
from requests import exceptions as broken
from urllib3 import Retry
from urllib3.exceptions import InvalidHeader, MaxRetryError

from pipeline.clock import now_utc
from pipeline.errors import BadInput, LayoutChanged, ObservatoryError, Refused, Transient
from pipeline.fetch.addresses import host_of, mask_keys_in_logs, without_login
from pipeline.fetch.local_files import Spool
from pipeline.fetch.page import Page, Provenance, Request, digest
from pipeline.fetch.transport import ClientConfig, Transport, TryAgain
from pipeline.log import logger
from pipeline.storage import storing

if TYPE_CHECKING:
    from requests_cache import CachedSession

_LOG = logger("fetch")
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_BACKOFF_SECONDS = 60
_JITTER_FRACTION = 0.25
_LONGEST_ASKED_WAIT_SECONDS = 7 * 86400
_HELD_ANSWERS = "http.sqlite"
_KEPT_HEADERS = ("etag", "last-modified", "link", "x-total-count")


class Client:
    """Asks one service during one run. Not for several threads at once."""

    def __init__(
        self,
        config: ClientConfig,
        folder: Path,
        *,
        now: Callable[[], datetime] = now_utc,
        sleep: Callable[[float], None] = sleep,
    ) -> None:
        """Open a session; `folder` is where revalidated answers and unfinished large ones lie."""
        self._config = config
        self._folder = folder
        self._now = now
        self._sleep = sleep
        self._waited_seconds = 0.0
        self.requests_count = 0
        self.unchanged_count = 0
        """Requests that ended with 304 Not Modified."""
        mask_keys_in_logs()
        self._transport = Transport(config)
        with storing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._held = folder / _HELD_ANSWERS
        with _holding(self._held):
            self._session = _new_session(self._held, self._transport, config.settings.contact)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()  # type: ignore[no-untyped-call]

    def get(self, request: Request, *, fresh: bool = False) -> Page:
        """Return the answer to one request; with `fresh`, the answer that is held counts for nothing.

        Raises:
            Transient: the service is out of reach, too slow or too busy, also after the allowed retries and waiting.
            Refused: it said no, or its answer is larger than the limit.
            LayoutChanged: it answered with something that the parser cannot be given.
            BadInput: the disk is full or damaged.
        """
        if not request.is_large:
            return self._page(request, self._ask(request, fresh=fresh), None)
        with Spool(self._folder / "unfinished") as spool:
            self._transport.spool = spool
            try:
                return self._page(request, self._ask(request, fresh=True), spool)
            finally:
                self._transport.spool = None

    def wait(self, seconds: float, why: str) -> None:
        """Wait for as long as a service asks to.

        Raises:
            Transient: all waiting of this run together would exceed the limit.
        """
        limit_seconds = self._config.settings.wait_limit_seconds
        if self._waited_seconds + seconds > limit_seconds:
            ready_at = self._now() + timedelta(seconds=seconds)
            raise Transient(
                f"{why}; that is more than this run may wait ({limit_seconds:g} s): "
                f"run again after {ready_at:%Y-%m-%d %H:%M} UTC."
            )
        _LOG.info("%s; waiting %.1f s", why, seconds)
        self._waited_seconds += seconds
        self._sleep(seconds)

    def forget(self, request: Request) -> None:
        """Afterwards the next answer to this request is a whole new one, whatever the service says of the old."""
        prepared = self._prepared(request)
        with _holding(self._held):
            self._session.cache.delete(requests=[prepared])

    def _prepared(self, request: Request) -> requests.PreparedRequest:
        headers = {"Accept": ", ".join(request.content_types), **dict(request.headers)}
        if request.body is not None:
            headers.setdefault("Content-Type", "application/json")
        address = self._config.addresses.on_the_wire(request.url)
        return self._session.prepare_request(
            requests.Request(request.method, address, params=list(request.params), data=request.body, headers=headers)
        )

    def _ask(self, request: Request, *, fresh: bool) -> Response:
        """Ask until there is an answer, at most as often as the limits allow. The one place that tries again."""
        prepared = self._prepared(request)
        where = without_login(request.address)
        settings = self._config.settings
        policy = Retry(
            total=settings.retries_count,
            allowed_methods=None,
            backoff_factor=settings.backoff_seconds,
            backoff_max=_LONGEST_BACKOFF_SECONDS,
            retry_after_max=_LONGEST_ASKED_WAIT_SECONDS,
        )
        while True:
            asked_wait: float | None = None
            try:
                response = self._send(prepared, fresh=fresh)
                if not self._is_busy(response):
                    return response
                problem = TryAgain(f"{where} answers {_status(response)}; run again later.")
                asked_wait = self._asked_wait(response, policy)
            except TryAgain as fault:
                problem = fault
            try:
                policy = policy.increment(request.method, where, error=problem)
            except MaxRetryError:
                raise Transient(f"After {settings.retries_count + 1} attempts: {problem}") from None
            seconds = (policy.get_backoff_time() or settings.backoff_seconds) * (
                1 + _JITTER_FRACTION * self._config.jitter()
            )
            self.wait(max(seconds, asked_wait or 0), f"{problem.args[0].partition(';')[0]} and is to be asked again")

    def _send(self, prepared: requests.PreparedRequest, *, fresh: bool) -> Response:
        self.requests_count += 1
        environment = self._session.merge_environment_settings(prepared.url, {}, None, None, None)
        try:
            with _holding(self._held):
                response = self._session.send(
                    prepared.copy(),
                    allow_redirects=True,
                    force_refresh=fresh,
                    proxies=environment["proxies"],
                    verify=environment["verify"],
                )
        except broken.RequestException as error:
            is_circle = isinstance(error, broken.TooManyRedirects)
            fault = "redirects in a circle" if is_circle else f"cannot be asked ({type(error).__name__})"
            raise Refused(f"{without_login(prepared.url or '')} {fault}; look at the address.") from None
        self.unchanged_count += bool(getattr(response, "revalidated", False))
        return response

    def _is_busy(self, response: Response) -> bool:
        """A 403 is a wait where the service says when its allowance is renewed, and a refusal otherwise."""
        if response.status_code in _BUSY:
            return True
        return response.status_code == HTTPStatus.FORBIDDEN and (
            "retry-after" in response.headers or response.headers.get("x-ratelimit-remaining") == "0"
        )

    def _asked_wait(self, response: Response, policy: Retry) -> float | None:
        """Return the seconds that the service asks to wait: `Retry-After` in both its forms, or a spent allowance."""
        retry_after = response.headers.get("retry-after")
        if retry_after:
            try:
                return policy.parse_retry_after(retry_after)
            except InvalidHeader:
                return None
        reset = response.headers.get("x-ratelimit-reset", "")
        if response.headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
            return max(0.0, (datetime.fromtimestamp(int(reset), UTC) - self._now()).total_seconds()) + 1
        return None

    def _page(self, request: Request, response: Response, spool: Spool | None) -> Page:
        content_type, encoding = _content_type(response)
        self._check(request, response, content_type)
        seen_at = self._now()
        content: bytes | Path = (
            spool.finished() if spool and response.status_code == HTTPStatus.OK else response.content
        )
        is_held = getattr(response, "from_cache", False)
        fetched_at: datetime = response.created_at if is_held else seen_at  # type: ignore[attr-defined]
        provenance = Provenance(
            request=request,
            address=self._config.addresses.as_public(response.url),
            status=response.status_code,
            content_type=content_type,
            encoding=encoding,
            sha256=digest(content),
            size_bytes=content.stat().st_size if isinstance(content, Path) else len(content),
            fetched_at=fetched_at.replace(microsecond=0, tzinfo=UTC),
            seen_at=seen_at,
            redirects=tuple(self._config.addresses.as_public(each.url) for each in response.history),
            headers=tuple((name, response.headers[name]) for name in _KEPT_HEADERS if name in response.headers),
        )
        return Page(provenance=provenance, content=content)

    def _check(self, request: Request, response: Response, content_type: str) -> None:
        where = without_login(request.address)
        if not self._config.addresses.may_answer(response.url):
            raise Refused(
                f"{where} is answered by {host_of(response.url)}, which does not belong to the source; look at the "
                "address, and if the service has moved name the new host in the source."
            )
        if response.status_code not in request.accepted_statuses:
            raise self._status_error(response, where)
        # A body of another type is never decoded: services send HTML pages where JSON was due.
        if content_type and content_type not in request.content_types:
            raise LayoutChanged(
                f"{where} sends {content_type} where {request.content_types[0]} was due; "
                "look at the page: it may be a notice, or the service has changed."
            )

    def _status_error(self, response: Response, where: str) -> ObservatoryError:
        status, setting = response.status_code, self._config.key_setting
        if status == HTTPStatus.UNAUTHORIZED and self._config.credential:
            return Refused(f"{where} does not accept the key ({_status(response)}); renew {setting}.")
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            remedy = f"set {setting}" if setting and not self._config.credential else "look at the service's terms"
            return Refused(f"{where} refuses us ({_status(response)}); {remedy}.")
        if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return Refused(f"{where} is not there ({_status(response)}); it was moved or removed: look at the service.")
        if status == HTTPStatus.NOT_MODIFIED:
            return Transient(f"{where} answers 304 though it was asked for all; run again.")
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return Refused(f"{where} does not accept the question ({_status(response)}); report the request.")
        return LayoutChanged(f"{where} answers {_status(response)}, which the source does not expect; look at it.")


def _new_session(cache_file: Path, transport: Transport, contact: str | None) -> "CachedSession":
    """Return a session over this transport.

    Nothing is believed without asking: an answer is held only if it can be revalidated, and then always is. What is
    held may be lost (`fast_save`): then it is asked for whole.
    """
    from requests_cache import EXPIRE_IMMEDIATELY, CachedSession  # noqa: PLC0415 — brings Redis, and offline nobody asks

    session = CachedSession(
        str(cache_file),
        "sqlite",
        expire_after=EXPIRE_IMMEDIATELY,
        always_revalidate=True,
        stale_if_error=False,
        fast_save=True,
    )
    session.mount("https://", transport)
    session.mount("http://", transport)
    # Our true name with the contact that services ask for.
    name = f"framework-observatory/{version('framework-observatory')}"
    user_agent = f"{name} (contact: {contact})" if contact else name
    session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"})
    # No cookies, and no passwords out of ~/.netrc.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.auth = lambda request: request
    # A failed revalidation becomes our own clear error; the library would print its traceback.
    logging.getLogger("requests_cache").setLevel(logging.ERROR)
    return session


@contextmanager
def _holding(file: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BadInput(
            f"{file} cannot be used ({error}); make room there, or delete that one file: "
            "it only saves asking for what has not changed."
        ) from error


def _status(response: Response) -> str:
    return f"{response.status_code} {responses.get(response.status_code, '')}".rstrip()


def _content_type(response: Response) -> tuple[str, str | None]:
    header = Message()
    header["content-type"] = response.headers.get("content-type", "")
    charset = header.get_param("charset")
    named = "content-type" in response.headers
    return (header.get_content_type() if named else ""), (charset if isinstance(charset, str) else None)
