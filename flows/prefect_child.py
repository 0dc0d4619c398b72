"""The child process that serves Prefect's API to one command, and ends when that command does.

Started by `flows.prefect_server` with the command's own interpreter: the server's modules take seconds to import, and
here they are imported while the command does the same with its own.
"""

import socket
import sys
from threading import Thread

from flows.importing import imports_that_stay


def main(mode: str) -> None:
    """Serve Prefect's API on a free local port until standard input closes; the port is the first line of output.

    Args:
        mode: `run` for what one flow run needs; `serve` adds the scheduler and the web pages.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    with imports_that_stay():
        import uvicorn  # noqa: PLC0415 — after the port is told
        from prefect.server.api.server import create_app  # noqa: PLC0415

        app = create_app(ephemeral=mode == "run", final=True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
    Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    server.run(sockets=[listener])


def _end_with_parent(server: object) -> None:
    """Wait for the end of standard input, which comes however the parent ends, a kill included."""
    sys.stdin.read()
    server.should_exit = True  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(sys.argv[1])
