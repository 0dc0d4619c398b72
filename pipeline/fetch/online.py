"""Checks once, within a bounded time, whether there is a network at all."""

import socket
from collections.abc import Iterable
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread

from requests.utils import get_environ_proxies, select_proxy

from pipeline.clock import perf_counter
from pipeline.fetch.credentials import host_of


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
