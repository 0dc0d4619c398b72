"""The child process that serves Prefect's API to one command, and ends when that command does.

Started by `flows.prefect_server` with the command's own interpreter: the server's modules take seconds to import, and
here they are imported while the command does the same with its own.
"""

import gc
import os
import socket
import sys
from threading import Thread

gc.set_threshold(100_000)  # of what is imported below nothing is garbage; looking for it takes a second

import uvicorn  # noqa: E402
from prefect.server.api.server import create_app  # noqa: E402
from starlette.datastructures import Headers  # noqa: E402
from starlette.responses import PlainTextResponse  # noqa: E402
from starlette.types import ASGIApp, Receive, Scope, Send  # noqa: E402


def main(mode: str, listener: socket.socket) -> None:
    """Serve Prefect's API on a socket that listens already, until standard input closes.

    Args:
        mode: `run` for what one flow run needs; `serve` adds the scheduler and the web pages.
        listener: The socket.
    """
    gc.freeze()  # nor does Prefect's own search find any
    app = own_pages_only(create_app(ephemeral=mode == "run", final=True), listener.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
    Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    server.run(sockets=[listener])
    os._exit(0)  # the command waits, and to take down what was imported takes longer than the server's own end


def own_pages_only(app: ASGIApp, port: int) -> ASGIApp:
    """Return the app behind a check that refuses other names for this machine and the web pages of other origins.

    A name of somebody else's that leads to this machine would make a foreign page look like one of ours; and a browser
    sends some requests of a foreign page without asking first, only named as such. Starlette's own check of host names
    leaves out the port.
    """
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
    origins = {None, *(f"http://{host}" for host in hosts)}

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            headers = Headers(scope=scope)
            is_own = headers.get("host") in hosts and headers.get("origin") in origins
            if not is_own or headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
                await PlainTextResponse("Only this server's own pages may ask it.\n", 403)(scope, receive, send)
                return
        await app(scope, receive, send)

    return checked


def _end_with_parent(server: uvicorn.Server) -> None:
    """Wait for the end of standard input, which comes however the parent ends, a kill included."""
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    main(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
