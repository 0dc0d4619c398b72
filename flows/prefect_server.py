"""A Prefect API for one command: the user's own where one is named, otherwise a child process of ours."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from flows.prefect_database import ensure_database, template_file
from flows.prefect_environment import API_ADDRESS, Mode, prepare_prefect
from pipeline.errors import BadInput, ContractBroken
from pipeline.settings import Settings

_START_SECONDS = 120
_STOP_SECONDS = 10
_CLIENT_PASSWORD, _SERVER_PASSWORD = "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING"


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
        BadInput: a folder cannot be written, or Prefect's server does not start.
        ContractBroken: Prefect was imported before; it would not see the address, and start a server of its own.
    """
    if "prefect" in sys.modules:
        raise ContractBroken("Prefect is imported already; import it, and flows.refresh, inside this block.")
    prepare_prefect(settings, mode)
    if address := os.environ.get(API_ADDRESS):
        yield address
        return
    ensure_database(Path(os.environ["PREFECT_HOME"]), template_file())
    password = secrets.token_urlsafe(32)
    log = settings.log_folder / "prefect-server.log"
    with ExitStack() as stack:
        port = stack.enter_context(_server(log, mode, password))
        if mode == "serve":
            stack.enter_context(_private_file(password_file(settings), password))
        address = f"http://127.0.0.1:{port}/api"
        stack.enter_context(_environment({API_ADDRESS: address, _CLIENT_PASSWORD: password}))
        yield address


def await_api(address: str) -> None:
    """Return when the API at `address` answers.

    Raises:
        BadInput: nothing answers there.
    """
    try:
        with urlopen(f"{address}/health", timeout=_START_SECONDS):  # noqa: S310 — a local address, or the user's own
            return
    except (URLError, OSError) as error:
        raise BadInput(
            f"No Prefect API answers at {address} ({error}); see prefect-server.log in the log folder, or start the "
            "server that PREFECT_API_URL names."
        ) from error


@contextmanager
def _environment(wanted: dict[str, str]) -> Iterator[None]:
    """Set variables for the block."""
    before = {name: os.environ.pop(name, None) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value


@contextmanager
def _private_file(file: Path, text: str) -> Iterator[None]:
    """Keep a text for the block in a new file that only this user can read."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as output:
        output.write(f"{text}\n")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


@contextmanager
def _server(log: Path, mode: str, password: str) -> Iterator[int]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 — our own interpreter, fixed words
            [sys.executable, "-m", "flows.prefect_child", mode],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            env=os.environ | {_SERVER_PASSWORD: password},
            # Ctrl-C is the command's to answer; the server is still needed to record how the run ended.
            start_new_session=True,
        )
    try:
        yield _port_of(child, log)
    finally:
        _stop(child)


def _port_of(child: "subprocess.Popen[bytes]", log: Path) -> int:
    line = child.stdout.readline() if child.stdout else b""
    if not line.strip().isdigit():
        raise BadInput(f"Prefect's server did not start; {log} says why.")
    return int(line)


def _stop(child: "subprocess.Popen[bytes]") -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
