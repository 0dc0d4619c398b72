"""A Prefect API for one command: the user's own where one is named, otherwise a child process of ours."""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal
from urllib.request import urlopen

from flows.prefect_database import ensure_database, template_file
from pipeline.errors import BadInput, ContractBroken
from pipeline.settings import Settings

Mode = Literal["run", "serve"]
_START_SECONDS = 120
_STOP_SECONDS = 10


def prefect_environment(settings: Settings, present: Mapping[str, str], mode: Mode = "run") -> dict[str, str]:
    """Return the variables that Prefect needs and that `present` does not set already.

    With them Prefect writes below `OBSERVATORY_HOME` only, asks nobody outside this machine, and is silent on the
    terminal: what it would print is kept by our own log and by its own database. Serving, it reports when a refresh
    begins and how it ends.
    """
    home = settings.data_folder / "prefect"
    wanted = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "ui"),
        # Without these two a run without a network prints the traceback of a telemetry task.
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        # Block types are Prefect's stored credentials and notifiers; no flow here uses one.
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
        "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
        "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": str(mode == "serve"),  # of automations
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        # Its own services report what they could not send when a run ends at once; nothing of ours is lost with it.
        "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_COLORS": "false",
    }
    if mode == "serve":
        wanted["PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL"] = "INFO"
        # What is served for years keeps a month of runs; our own record keeps all.
        wanted["PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED"] = "true"
        wanted["PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD"] = str(30 * 86_400)
    return {name: value for name, value in wanted.items() if name not in present}


def prepare_prefect(settings: Settings, mode: Mode = "run") -> None:
    """Set those variables for this process and its children; Prefect reads them when it is imported."""
    os.environ.update(prefect_environment(settings, os.environ, mode))


def password_file(settings: Settings) -> Path:
    """Return where the password that served pages ask for lies as long as they are served, for this user alone."""
    return settings.data_folder / "prefect" / "password"


@contextmanager
def prefect_api(settings: Settings, mode: Mode) -> Iterator[str]:
    """Yield the address of a Prefect API and set it in the environment; our own server ends with the block.

    Our own server answers only who knows a password, which is new at each start; this process and its children have it
    in their environment. The server is only asked to start: what the caller imports in the block is imported meanwhile.
    Call `await_api` before the first flow. The server also ends when this process is killed.

    Raises:
        BadInput: a folder cannot be written.
        ContractBroken: Prefect was imported before; it would not see the address, and start a server of its own.
    """
    if "prefect" in sys.modules and "PREFECT_API_URL" not in os.environ:  # with it, a command around this one set it
        raise ContractBroken("Prefect is imported already; import it, and flows.refresh, inside this block.")
    prepare_prefect(settings, mode)
    if address := os.environ.get("PREFECT_API_URL"):
        yield address
        return
    ensure_database(Path(os.environ["PREFECT_HOME"]), template_file())
    password = secrets.token_urlsafe(32)
    with ExitStack() as stack:
        port = stack.enter_context(_server(settings.log_folder / "prefect-server.log", mode, password))
        if mode == "serve":
            file = password_file(settings)
            file.unlink(missing_ok=True)
            file.touch(0o600, exist_ok=False)  # for this user alone, before anything is in it
            stack.callback(file.unlink, missing_ok=True)
            file.write_text(f"{password}\n", encoding="utf-8")
        address = f"http://127.0.0.1:{port}/api"
        os.environ |= {"PREFECT_API_URL": address, "PREFECT_API_AUTH_STRING": password}
        yield address


def await_api(address: str) -> None:
    """Return when the API at `address` answers.

    Raises:
        BadInput: nothing answers there.
    """
    try:
        with urlopen(f"{address}/health", timeout=_START_SECONDS):  # noqa: S310 — a local address, or the user's own
            return
    except OSError as error:
        raise BadInput(
            f"No Prefect API answers at {address} ({error}); see prefect-server.log in the log folder, or start the "
            "server that PREFECT_API_URL names."
        ) from error


@contextmanager
def _server(log: Path, mode: Mode, password: str) -> Iterator[int]:
    """Yield the port of a server of ours; a request that comes before it has started waits for it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as output:
        port = listener.getsockname()[1]
        own = {
            "PREFECT_SERVER_API_AUTH_STRING": password,
            # Prefect answers any web page unless it is given an origin; its own pages ask the address they came from.
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://127.0.0.1:{port}",
            "PREFECT_UI_API_URL": "/api",
        }
        child = subprocess.Popen(  # noqa: S603 — our own interpreter, fixed words
            [sys.executable, "-m", "flows.prefect_child", mode, str(listener.fileno())],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            env=os.environ | own,
            pass_fds=[listener.fileno()],
            # Ctrl-C is the command's to answer; the server is still needed to record how the run ended.
            start_new_session=True,
        )
    try:
        yield port
    finally:
        try:
            child.communicate(timeout=_STOP_SECONDS)  # it ends when its standard input does
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
