"""The child process that serves Prefect's API to one command, and ends when that command does.

Started by `flows.prefect_server` with the command's own interpreter: the server's modules take seconds to import, and
here they are imported while the command does the same with its own.
"""

import os
import socket
import sys
from collections.abc import Awaitable, Callable
from threading import Thread
from typing import Any

from flows.importing import imports_that_stay

_LOOPBACK = "127.0.0.1"

Asgi = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def main(mode: str) -> None:
    """Serve Prefect's API on a free local port until standard input closes; the port is the first line of output.

    Args:
        mode: `run` for what one flow run needs; `serve` adds the scheduler and the web pages.
    """
    listener = socket.create_server((_LOOPBACK, 0))
    port = listener.getsockname()[1]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # Prefect answers any web page unless it is given an origin; its own pages ask the address they came from.
    os.environ |= {"PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{_LOOPBACK}:{port}", "PREFECT_UI_API_URL": "/api"}
    with imports_that_stay():
        import uvicorn  # noqa: PLC0415 — after the port is written
        from prefect.server.api.server import create_app  # noqa: PLC0415

        app = own_pages_only(create_app(ephemeral=mode == "run", final=True), port)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
    Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    server.run(sockets=[listener])


def own_pages_only(app: Asgi, port: int) -> Asgi:
    """Return the app behind a check that refuses other names for this machine and the web pages of other origins.

    A name of somebody else's that leads to this machine would make a foreign page look like one of ours; and a browser
    sends some requests of a foreign page without asking first, only named as such.
    """
    hosts = {f"{name}:{port}".encode() for name in (_LOOPBACK, "localhost")}
    origins = {b"http://" + host for host in hosts}

    async def checked(scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 — ASGI's own shape
        if scope["type"] != "lifespan":
            headers = dict(scope["headers"])
            is_own = headers.get(b"host") in hosts and headers.get(b"origin") in {None, *origins}
            if not is_own or headers.get(b"sec-fetch-site") in {b"cross-site", b"same-site"}:
                await _refuse(scope["type"], send)
                return
        await app(scope, receive, send)

    return checked


async def _refuse(kind: str, send: Any) -> None:  # noqa: ANN401 — ASGI's own shape
    if kind == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"Only this server's own pages may ask it.\n"})


def _end_with_parent(server: object) -> None:
    """Wait for the end of standard input, which comes however the parent ends, a kill included."""
    sys.stdin.read()
    server.should_exit = True  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(sys.argv[1])
