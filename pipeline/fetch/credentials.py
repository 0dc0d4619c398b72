"""Keys: where one goes, and that it goes nowhere else."""

import logging
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr
from requests import PreparedRequest

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
class Credential:
    """One key of one service: it is sent to its own scheme, host and port alone, and never over an open line."""

    setting: str
    """The variable that holds it, for remedies, e.g. `OBSERVATORY_GITHUB_TOKEN`."""
    value: SecretStr
    origin: str
    """As `origin_of` returns it."""
    header: str | None = None
    prefix: str = ""
    parameter: str | None = None

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
                f"{self.setting} is not sent to http://{parts.hostname}; use an https address or unset the key."
            )
        keyed = request.copy()
        if self.header:
            keyed.headers[self.header] = self.prefix + self.value.get_secret_value()
        if self.parameter:
            # A redirect may have echoed the parameter; it is said once.
            query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != self.parameter]
            query.append((self.parameter, self.value.get_secret_value()))
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
