"""A Prefect API for one command: the user's own where one is named, otherwise a child process of ours.

Its small database is made beforehand, since Prefect builds it through some hundred migrations, which takes longer than
everything else in a first run. The set-up does that once (`python -m flows.prefect_server`) and leaves the empty
database beside the installed packages; a run that finds none in its home takes a copy.
"""

import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal
from urllib.request import urlopen

from pipeline.errors import BadInput, ContractBroken
from pipeline.reference.toml_file import read_toml
from pipeline.settings import Settings
from pipeline.storage import put_whole, storing

Mode = Literal["run", "serve"]
DATABASE = "prefect.db"
_SETTINGS_FILE = Path(__file__).with_name("prefect_settings.toml")
_MOST_BYTES, _LEAST_FREE_BYTES = 50_000_000, 10_000_000
_START_SECONDS, _STOP_SECONDS = 120, 10


def prefect_environment(settings: Settings, present: Mapping[str, str], mode: Mode = "run") -> dict[str, str]:
    """Return the variables that Prefect needs and that `present` does not set already.

    With them Prefect writes below `OBSERVATORY_HOME` only, asks nobody outside this machine, and is silent on the
    terminal: what it would print is kept by our own log and by its own database. Serving, it reports when a refresh
    begins and how it ends.
    """
    home = settings.data_folder / "prefect"
    told: dict[str, Any] = read_toml(_SETTINGS_FILE)
    own = {"PREFECT_HOME": str(home), "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "ui")}
    wanted = own | told["always"] | told[mode]
    return {name: value for name, value in wanted.items() if name not in present}


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
    os.environ |= prefect_environment(settings, os.environ, mode)
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
            [sys.executable, "-P", "-m", "flows.prefect_child", mode, str(listener.fileno())],
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


def template_file() -> Path:
    """Return where the set-up leaves the empty database of the installed Prefect."""
    return Path(sys.prefix) / "share" / "observatory" / f"prefect-{version('prefect')}.db"


def ensure_database(prefect_home: Path, template: Path) -> None:
    """Make sure that `prefect_home` holds a database, copied from the template or else made now; never half of one.

    One that is broken, has grown or holds runs that were killed is made anew: our own record of runs lies elsewhere.

    Raises:
        BadInput: the folder cannot be written, its disk is full, or Prefect cannot make its database.
    """
    target = prefect_home / DATABASE
    with storing(prefect_home):
        prefect_home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=prefect_home) as probe:  # a full disk is better met here than by Prefect
            probe.write(bytes(_LEAST_FREE_BYTES))
        if target.exists() and state_of(target) == "unfit":
            for path in prefect_home.glob(f"{DATABASE}*"):
                path.unlink()
        if not target.exists() and template.exists():
            with put_whole(target) as unfinished:
                shutil.copyfile(template, unfinished)
        elif not target.exists():
            make_database(target)


def state_of(database: Path) -> Literal["held", "sound", "unfit"]:
    """Return whether a process holds the database, it can be used, or it is made anew by the next run."""
    try:
        with closing(sqlite3.connect(database, timeout=0)) as connection:
            connection.execute("pragma locking_mode = exclusive")  # refused where a server has it open
            killed = connection.execute("select 1 from flow_run where state_type in ('RUNNING', 'PENDING')").fetchone()
            is_sound = connection.execute("pragma quick_check(1)").fetchone() == ("ok",)
        return "sound" if is_sound and not killed and database.stat().st_size < _MOST_BYTES else "unfit"
    except sqlite3.DatabaseError as error:
        return "held" if error.sqlite_errorcode == sqlite3.SQLITE_BUSY else "unfit"


def make_database(target: Path) -> None:
    """Leave an empty, migrated Prefect database at `target`, as a whole or not at all.

    Raises:
        BadInput: Prefect fails to make one; the message ends with its last line.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with put_whole(target) as unfinished:
        database = unfinished.with_name(DATABASE)
        environment = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
        environment |= {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
        made = subprocess.run(
            [sys.executable, "-P", "-m", "prefect", "server", "database", "upgrade", "--yes"],
            env=environment | {"PREFECT_HOME": str(database.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode or not database.exists():
            last_line = (made.stderr or made.stdout).strip().splitlines()[-1:]
            raise BadInput(f"Prefect cannot make its database; run `observatory doctor`. {''.join(last_line)}")
        database.replace(unfinished)


if __name__ == "__main__":
    make_database(template_file())
