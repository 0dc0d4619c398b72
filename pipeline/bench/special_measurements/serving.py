"""How a shipped network answers over HTTP: requests at a fixed rate on loopback, whatever was answered before them.

All formats stand behind the same small server of Python's own library: one thread, one connection that is kept, arrays
as they lie in memory. A latency counts from the moment a request is due, so that waiting behind others is in it.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection, socket
from time import sleep
from typing import IO

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.special_measurement import OutputsDiffer, SpecialTools, Values
from pipeline.bench.special_measurements import deployment

_RATES, _SECONDS, _TRIES, _WITHIN_SECONDS = (100, 150, 200, 300, 400, 600, 800, 1200, 1600, 2400), 1, 2, 0.05
_FIXED_RATE, _FIXED_SECONDS = _RATES[0], 4
_LOOK_SECONDS, _PATIENCE_SECONDS = 0.05, 60
_CLOSE = 1e-6
"""How far an answer may be from the same model's without HTTP, over the largest: memory may lie otherwise."""


def _exported(tools: SpecialTools, network: str, form: str) -> Values:
    deployment.exported(tools, network, form)
    return {}


def _serving(tools: SpecialTools, network: str, form: str) -> Values:
    """Load the file, write what it answers without HTTP, and serve one client until it leaves."""
    asked, answer = deployment.questions(tools), deployment.opened(tools, form)
    given = np.concatenate([np.asarray(answer(question)) for question in asked])
    deployment.held_to_reference(tools, network, form, given)
    np.save(tools.folder / "given.npy", given)
    serve_one(answer, asked[0], tools.folder / "address")
    return {}


def serve_one(answer: deployment.Answer, like: NDArray[np.generic], address: Path) -> None:
    """Write a port to the address, and answer all that come by the first connection to it."""
    # Not with the module: a framework's own import brings some of it, and is timed.
    from http.server import BaseHTTPRequestHandler, HTTPServer  # noqa: PLC0415

    class Handler(BaseHTTPRequestHandler):
        protocol_version, timeout = "HTTP/1.1", _PATIENCE_SECONDS
        disable_nagle_algorithm, wbufsize = True, -1  # an answer leaves at once and as a whole

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            body = np.asarray(answer(np.frombuffer(content, like.dtype).reshape(like.shape).copy())).tobytes()
            self.send_response(200)
            self.send_header("Content-Length", f"{len(body)}")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing: a line for each request would be measured too."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.timeout = _PATIENCE_SECONDS
        address.with_suffix(".new").write_text(f"{server.server_port}", encoding="ascii")
        address.with_suffix(".new").rename(address)
        server.handle_request()


def _asking(tools: SpecialTools, _network: str, _form: str) -> Values:
    """Ask at the fixed rate, then at one after the other up to the first that is not answered in time."""
    address = tools.folder / "address"
    while not address.exists():  # where the server fails, the controller ends this child
        sleep(_LOOK_SECONDS)
    place = ("127.0.0.1", int(address.read_text(encoding="ascii")))
    with create_connection(place, _PATIENCE_SECONDS) as connection, connection.makefile("rb") as answers:
        client = Client(tools, connection, answers)

        def is_in_time(rate: int) -> bool:
            return any(np.percentile(client.latencies(rate, _SECONDS), 99) <= _WITHIN_SECONDS for _ in range(_TRIES))

        client.latencies(_FIXED_RATE, _SECONDS)  # a warm-up
        p50, p99 = np.percentile(client.latencies(_FIXED_RATE, _FIXED_SECONDS), (50, 99)).tolist()
        return {"p50": p50, "p99": p99, "rate": max(takewhile(is_in_time, _RATES), default=0)}


class Client:
    """One that sends each request when it is due, in a thread of its own, and reads the answers in their order."""

    def __init__(self, tools: SpecialTools, connection: socket, answers: IO[bytes]) -> None:
        """Prepare all requests; nothing is sent."""
        self._clock, self._connection, self._answers = tools.clock.wall_seconds, connection, answers
        connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        self._given: NDArray[np.generic] = np.load(tools.folder / "given.npy")
        bodies = [question.tobytes() for question in deployment.questions(tools)]
        head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n"
        self._requests = [head.format(len(body)).encode() + body for body in bodies]

    def latencies(self, rate: int, seconds: float) -> Sequence[float]:
        """Return what each answer took, from the moment its request was due.

        Raises:
            OutputsDiffer: an answer is not the one without HTTP.
        """
        count, found, bodies = int(rate * seconds), [], []
        started = self._clock()
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(self._send, [started + place / rate for place in range(count)])
            for place in range(count):
                bodies.append(self._read())
                found.append(self._clock() - started - place / rate)
            sent.result()
        wanted = self._given[np.arange(count) % len(self._given)]
        given = np.frombuffer(b"".join(bodies), wanted.dtype).reshape(wanted.shape)
        error = np.abs(given - wanted).max() / np.abs(wanted).max()
        if not error <= _CLOSE:
            raise OutputsDiffer(f"an answer over HTTP is off by {error:.2g} of the largest of the same model's own")
        return found

    def _send(self, due: Sequence[float]) -> None:
        for place, moment in enumerate(due):
            if (ahead := moment - self._clock()) > 0:
                sleep(ahead)
            self._connection.sendall(self._requests[place % len(self._requests)])

    def _read(self) -> bytes:
        from http.client import parse_headers  # noqa: PLC0415 — as above

        if not self._answers.readline():
            raise ConnectionError("the server has closed the connection")
        return self._answers.read(int(parse_headers(self._answers)["Content-Length"]))


SPECIAL = replace(
    deployment.SPECIAL,
    name="serving",
    title="Serving",
    workload=(
        f"HTTP on loopback to one thread: {_FIXED_RATE} a second for {_FIXED_SECONDS} s; {_SECONDS} s each of "
        f"{', '.join(map(str, _RATES))} while p99 is within {1000 * _WITHIN_SECONDS:g} ms in one of {_TRIES} tries; "
        + deployment.ASKED
    ),
    measures={"p50": "s", "p99": "s", "rate": "requests a second"},
    measure=deployment.shipped(_exported, _serving, _asking),
    further_count=2,
)
