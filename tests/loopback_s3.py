"""A server on this machine that speaks as much of S3 as putting, heading, reading and listing objects takes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

MOMENT = "Thu, 01 Jan 2026 00:00:00 GMT"


@dataclass
class Bucket:
    address: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    refuses: bool = False


@contextmanager
def loopback_s3() -> Iterator[Bucket]:  # noqa: C901 — a class of small methods
    bucket = Bucket()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), "Last-Modified": MOMENT, **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if "aws-chunked" in self.headers.get("Content-Encoding", ""):
                body = unchunked(body)
            name = self.asked()
            if bucket.refuses:
                self.answer(403, b"<Error><Code>AccessDenied</Code></Error>")
                return
            bucket.objects[name] = body
            self.answer(200, ETag=tag(body))

        def do_GET(self) -> None:
            name = self.asked()
            if name in bucket.objects:
                self.part(bucket.objects[name])
            elif "list-type" in (query := parse_qs(urlsplit(self.path).query)):
                prefix = query.get("prefix", [""])[0]
                self.answer(
                    200, listing(name, {key: it for key, it in bucket.objects.items() if key.startswith(prefix)})
                )
            else:
                self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

        do_HEAD = do_GET  # noqa: N815 — the name that the server looks for

        def part(self, body: bytes) -> None:
            wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if wanted is None:
                self.answer(200, body, ETag=tag(body))
                return
            first, last = int(wanted[1]), min(int(wanted[2] or len(body)), len(body) - 1)
            self.answer(206, body[first : last + 1], ETag=tag(body), Content_Range=f"bytes {first}-{last}/{len(body)}")

        def asked(self) -> str:
            name = unquote(urlsplit(self.path).path).removeprefix("/").partition("/")[2]
            bucket.requests.append(f"{self.command} {name}")
            return name

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        bucket.address = f"http://127.0.0.1:{server.server_port}"
        yield bucket
        server.shutdown()


def tag(body: bytes) -> str:
    return f'"{md5(body, usedforsecurity=False).hexdigest()}"'


def unchunked(body: bytes) -> bytes:
    """The content of a body in pieces, each after a line with its length in hexadecimal; an empty one is the last."""
    content = b""
    while body:
        line, _, body = body.partition(b"\r\n")
        if not (length := int(line.partition(b";")[0], 16)):
            break
        content, body = content + body[:length], body[length + 2 :]
    return content


def listing(prefix: str, objects: dict[str, bytes]) -> bytes:
    entries = "".join(
        f"<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>{tag(it)}</ETag>"
        f"<Size>{len(it)}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        for key, it in objects.items()
    )
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>".encode()
