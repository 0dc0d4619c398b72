"""A real HTTP server on this machine that misbehaves on demand."""

import gzip
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def params(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def is_conditional(self) -> bool:
        return "if-none-match" in self.headers or "if-modified-since" in self.headers


@dataclass(frozen=True)
class Answer:
    """What is sent back, right or wrong."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str | None = "application/json"
    announced_bytes: int | None = None
    """A Content-Length that is not the body's own."""
    sent_bytes: int | None = None
    """So much of the body is sent, then the connection is cut."""
    stalls_after: int | None = None
    """So much of the body is sent, then nothing more until the server is closed."""
    drip_seconds: float | None = None
    """The body is sent byte by byte with this pause."""
    is_chunked: bool = False
    hangs_up: bool = False
    """The connection is closed without an answer."""


Respond = Callable[[Asked], Answer]


def zipped(body: bytes, **more: object) -> Answer:
    return Answer(body=gzip.compress(body), headers={"Content-Encoding": "gzip"}, **more)


def with_etag(asked: Asked, body: bytes, etag: str, **more: object) -> Answer:
    """The body, or 304 when the client holds it."""
    if asked.headers.get("if-none-match") == etag:
        return Answer(status=304, headers={"ETag": etag}, content_type=None)
    return Answer(body=body, headers={"ETag": etag}, **more)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, self.rfile.read(length))
        self.server.faults.note(asked)
        try:
            self._send(self.server.faults.respond(asked))
        except OSError:  # the client has had enough
            self.close_connection = True

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass

    def _send(self, answer: Answer) -> None:
        if answer.hangs_up:
            self.close_connection = True
            return
        self._send_head(answer)
        if answer.stalls_after is not None:
            self.wfile.write(answer.body[: answer.stalls_after])
            self.server.faults.closing.wait()
        elif answer.drip_seconds is not None:
            self._drip(answer.body, answer.drip_seconds)
        elif answer.sent_bytes is not None:
            self._write(answer, answer.body[: answer.sent_bytes], ends=False)
            self.close_connection = True
        else:
            self._write(answer, answer.body, ends=True)

    def _send_head(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        if answer.content_type:
            self.send_header("Content-Type", answer.content_type)
        if answer.is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.status != 304:
            announced = len(answer.body) if answer.announced_bytes is None else answer.announced_bytes
            self.send_header("Content-Length", str(announced))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.flush()

    def _drip(self, body: bytes, seconds: float) -> None:
        for byte in body:
            self.wfile.write(bytes([byte]))
            if self.server.faults.closing.wait(seconds):
                return

    def _write(self, answer: Answer, body: bytes, *, ends: bool) -> None:
        if not answer.is_chunked:
            self.wfile.write(body)
            return
        self.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))
        if ends:
            self.wfile.write(b"0\r\n\r\n")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, faults: "FaultServer") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults = faults

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # clients hang up on purpose here


class FaultServer:
    """Serves what `respond` says, and remembers everything that was asked."""

    def __init__(self, respond: Respond | None = None) -> None:
        self._scripts: dict[str, list[Answer]] = {}
        self.respond: Respond = respond or self._scripted
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self.closing = threading.Event()

    def script(self, path: str, *answers: Answer) -> None:
        """Answer a path with these one after the other, and then with the last one for ever."""
        self._scripts[path] = list(answers)

    def note(self, asked: Asked) -> None:
        with self._lock:
            self.asked.append(asked)

    def asked_for(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    def _scripted(self, asked: Asked) -> Answer:
        with self._lock:
            answers = self._scripts.get(asked.path)
            if not answers:
                return Answer(b'{"message": "no such thing"}', 404)
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def free_port() -> int:
    """A port at which nothing listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        return server.server_port


def wait_until(holds: Callable[[], bool], seconds: float = 300) -> None:
    """Return as soon as something holds; fail when it does not come to hold."""
    looked_at = time.monotonic()
    give_up_at = looked_at + seconds
    while not holds():
        if time.monotonic() > give_up_at:
            raise AssertionError("what was waited for did not happen")
        # A look that takes long is not repeated at once: what is waited for needs the processor.
        time.sleep(max(0.005, 3 * (time.monotonic() - looked_at)))
        looked_at = time.monotonic()
