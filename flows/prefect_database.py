"""Prefect's own small database, made beforehand so that the first run does not wait for it.

Prefect builds it through some hundred migrations, which takes longer than everything else in a first run. The set-up
does that once (`python -m flows.prefect_database`) and leaves the empty database beside the installed packages; a run
that finds none in its home takes a copy.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pipeline.errors import BadInput
from pipeline.storage import put_whole, storing

State = Literal["held", "sound", "unfit"]
DATABASE = "prefect.db"
_MOST_BYTES, _LEAST_FREE_BYTES = 50_000_000, 10_000_000


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


def state_of(database: Path) -> State:
    """Return whether a process holds the database, it can be used, or it is made anew by the next run."""
    try:
        with closing(sqlite3.connect(database, timeout=0)) as connection:
            connection.execute("pragma locking_mode = exclusive")  # refused where a server has it open
            killed = connection.execute("select 1 from flow_run where state_type in ('RUNNING', 'PENDING')").fetchone()
            is_sound = connection.execute("pragma quick_check(1)").fetchone() == ("ok",)
        return "sound" if is_sound and not killed and database.stat().st_size < _MOST_BYTES else "unfit"
    except sqlite3.DatabaseError as error:
        return "held" if isinstance(error, sqlite3.OperationalError) else "unfit"


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
            [sys.executable, "-m", "prefect", "server", "database", "upgrade", "--yes"],
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
