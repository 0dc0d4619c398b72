"""Where a source is asked: at its own public addresses, or at a mirror of them."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pipeline.errors import Refused
from pipeline.fetch.credentials import host_of, without_login


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The public addresses of one source, and the mirror that stands in for them, if any.

    Sources, pages and everything stored know the public addresses only; the mirror's is used on the wire.
    """

    public: tuple[str, ...]
    """The first one is what `OBSERVATORY_<SOURCE>_URL` replaces; below the mirror the others start with their host."""
    mirror: str | None = None

    @property
    def host(self) -> str:
        """The host that is asked for the first address, and that the key belongs to."""
        return host_of(self.mirror or self.public[0])

    def on_the_wire(self, address: str) -> str:
        """Return where to send a request for a public address.

        Raises:
            Refused: the address belongs to another site; a page must not send us elsewhere.
        """
        for index, base in enumerate(self.public):
            if _is_below(address, base):
                return address if self.mirror is None else self._mirrored(index, address, base)
        raise Refused(
            f"{without_login(address)} lies outside {', '.join(self.public)}; "
            "if the service has moved, name the new address in the source."
        )

    def as_public(self, address: str) -> str:
        """Return the public form of an address that answered."""
        if self.mirror is None:
            return without_login(address)
        for index, base in reversed(list(enumerate(self.public))):
            start = self._mirrored(index, base, base)
            if _is_below(address, start):
                return base + address[len(start) :]
        return without_login(address)

    def _mirrored(self, index: int, address: str, base: str) -> str:
        mirror = (self.mirror or "").rstrip("/")
        if index > 0:
            mirror += "/" + urlsplit(base).netloc + urlsplit(base).path.rstrip("/")
        return mirror + address[len(base.rstrip("/")) :]


def _is_below(address: str, base: str) -> bool:
    base = base.rstrip("/")
    return address == base or address.startswith((base + "/", base + "?"))
