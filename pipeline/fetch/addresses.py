"""Where a source is asked, at its own public addresses or at a mirror; and its key, which goes nowhere else.

And whether there is a network to them at all, checked once and within a bounded time.
"""

import logging
import re
import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr
from requests import PreparedRequest
from requests.utils import get_environ_proxies, select_proxy

from pipeline.clock import perf_counter
from pipeline.errors import Refused

_MASK = "***"
_KEY_IN_TEXT = re.compile(r"(?i)\b((?:api_?key|key|(?:access_)?token)=)[^&\s\"']+")
_USUAL_PORTS = {"https": 443, "http": 80}
_LOOPBACK = re.compile(r"^(localhost|127(\.\d+){3}|::1)$")


def is_loopback(host: str | None) -> bool:
    """Return whether a host is this machine: a test server or a mirror of the user's own."""
    return _LOOPBACK.match(host or "") is not None


def host_of(address: str) -> str:
    """Return the host of an address, lower case, or an empty text."""
    return (urlsplit(address).hostname or "").lower()


def origin_of(address: str) -> str:
    """Return the scheme, host and port of an address; the port also where it is left out. Empty for no address."""
    parts = urlsplit(address)
    try:
        port = parts.port or _USUAL_PORTS.get(parts.scheme)
    except ValueError:
        return ""
    return f"{parts.scheme}://{host_of(address)}:{port}"


def without_login(address: str) -> str:
    """Return the address without a user name and password, for messages."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Something that the user sets for a source."""

    setting: str
    """The field of `Settings` that holds it, e.g. `github_token`."""

    @property
    def variable(self) -> str:
        """The environment variable that holds it."""
        return f"OBSERVATORY_{self.setting.upper()}"


@dataclass(frozen=True, kw_only=True)
class Key(Setting):
    """The key that a service takes, and how it travels."""

    header: str | None = None
    prefix: str = ""
    parameter: str | None = None
    is_required: bool = False
    """Without it the source is skipped, named, and no failure; an optional key only widens what may be asked."""


@dataclass(frozen=True, kw_only=True)
class Credential:
    """One key of one service: it is sent to its own scheme, host and port alone, and never over an open line."""

    key: Key
    value: SecretStr
    origin: str
    """As `origin_of` returns it."""

    def put_into(self, request: PreparedRequest) -> PreparedRequest:
        """Return the request with the key when it goes to the key's origin, and the request itself otherwise.

        Raises:
            Refused: the key would travel unencrypted over a network.
        """
        parts = urlsplit(request.url or "")
        if origin_of(request.url or "") != self.origin:
            return request
        if parts.scheme != "https" and not is_loopback(parts.hostname):
            raise Refused(
                f"{self.key.variable} is not sent to http://{parts.hostname}; use an https address or unset the key."
            )
        keyed, key, value = request.copy(), self.key, self.value.get_secret_value()
        if key.header:
            keyed.headers[key.header] = key.prefix + value
        if key.parameter:
            # A redirect may have echoed the parameter; it is said once.
            query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != key.parameter]
            query.append((key.parameter, value))
            keyed.url = urlunsplit(parts._replace(query=urlencode(query)))
        return keyed

    def masked(self, content: bytes) -> bytes:
        """Return the content with every echo of the key replaced by asterisks."""
        plain = self.value.get_secret_value()
        for form in {plain, quote(plain, safe=""), quote_plus(plain)}:
            content = content.replace(form.encode(), _MASK.encode())
        return content


def _keys_masked(record: logging.LogRecord) -> bool:
    """urllib3 logs each address at debug level, with a key that travels as a parameter."""
    record.msg, record.args = _KEY_IN_TEXT.sub(rf"\1{_MASK}", record.getMessage()), None
    return True


def mask_keys_in_logs() -> None:
    """Afterwards no log line of the HTTP library carries a key."""
    for name in ("urllib3.connectionpool", "requests_cache", "requests_cache.session"):
        logging.getLogger(name).addFilter(_keys_masked)


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The public addresses of one source, and the mirror that stands in for them, if any.

    Sources, pages and everything stored know the public addresses only; the mirror's is used on the wire.
    """

    public: tuple[str, ...]
    """The first one is what `OBSERVATORY_<SOURCE>_URL` replaces; below the mirror the others start with their host."""
    mirror: str | None = None
    answering_hosts: tuple[str, ...] = ()
    """Other hosts that may answer after a redirect, e.g. stores of large files; a leading dot stands for all below."""

    @property
    def host(self) -> str:
        """The host that is asked for the first address, and that the key belongs to."""
        return host_of(self.mirror or self.public[0])

    def on_the_wire(self, address: str) -> str:
        """Return where to send a request for a public address.

        Raises:
            Refused: the address belongs to another site; a page must not send us elsewhere.
        """
        for public, asked in self._pairs:
            if _is_below(address, public):
                return asked + address[len(public) :]
        raise Refused(
            f"{without_login(address)} lies outside {', '.join(self.public)}; "
            "if the service has moved, name the new address in the source."
        )

    def as_public(self, address: str) -> str:
        """Return the public form of an address that answered."""
        for public, asked in reversed(self._pairs):
            if _is_below(address, asked):
                return public + address[len(asked) :]
        return without_login(address)

    def may_answer(self, address: str) -> bool:
        """Return whether an answer from there is believed: from a host that is asked or allowed, and no less safe."""
        asked = [address for _, address in self._pairs]
        host, is_open = host_of(address), not address.lower().startswith("https:")
        if is_open and not is_loopback(host) and not any(each.startswith("http:") for each in asked):
            return False
        hosts = (*map(host_of, asked), *self.answering_hosts)
        return any(host == each or (each.startswith(".") and host.endswith(each)) for each in hosts)

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        """Each public address and the one that is asked in its place, neither with a closing slash."""
        first, *others = (address.rstrip("/") for address in self.public)
        if self.mirror is None:
            return [(address, address) for address in (first, *others)]
        mirror = self.mirror.rstrip("/")
        return [(first, mirror), *((address, f"{mirror}/{address.partition('://')[2]}") for address in others)]


def _is_below(address: str, base: str) -> bool:
    return address == base or address.startswith((base + "/", base + "?"))


def is_online(addresses: Iterable[str], limit_seconds: float = 10) -> bool:
    """Return True as soon as the host of one address resolves; False when none does within the limit.

    Where a proxy is set for an address, the proxy's host is what must resolve.
    """
    hosts = {host_of(select_proxy(each, get_environ_proxies(each)) or each) for each in addresses}
    answers: Queue[bool] = Queue()
    for host in hosts:
        # A resolver can block for longer than the limit and cannot be interrupted: such a thread is left behind.
        Thread(target=_resolve, args=(host, answers), daemon=True).start()
    give_up_at = perf_counter() + limit_seconds
    with suppress(Empty):
        return any(answers.get(timeout=max(0.0, give_up_at - perf_counter())) for _ in hosts)
    return False


def _resolve(host: str, answers: "Queue[bool]") -> None:
    try:
        answers.put(bool(socket.getaddrinfo(host, None)))
    except (OSError, UnicodeError):
        answers.put(False)
