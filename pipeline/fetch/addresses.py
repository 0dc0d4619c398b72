"""Where a source is asked: at its own public addresses, or at a mirror of them."""

from dataclasses import dataclass

from pipeline.errors import Refused
from pipeline.fetch.credentials import host_of, is_loopback, origin_of, without_login


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

    @property
    def origin(self) -> str:
        """The scheme, host and port that the key belongs to."""
        return origin_of(self.mirror or self.public[0])

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
