"""`observatory query` and `observatory shell` on a terminal of 80 characters, as a person sees them."""

import errno
import os
import pty
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

OBSERVATORY = Path(sys.executable).with_name("observatory")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="this system has no such terminals")


class Terminal:
    """A command on a terminal of its own: what is typed, and what is seen, without colours."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor, self.seen = descriptor, ""

    def type(self, keys: str) -> None:
        os.write(self.descriptor, keys.encode())

    def until(self, words: str, seconds: float = 60) -> str:
        """Return all that is seen up to the words; fail when they do not come."""
        give_up_at = monotonic() + seconds
        while words not in self.seen:
            assert monotonic() < give_up_at, self.seen
            assert self._read(), self.seen
        before, _, self.seen = self.seen.partition(words)
        return before

    def rest(self) -> str:
        """Return what is seen until the command ends."""
        while self._read():
            pass
        return self.seen

    def _read(self) -> bool:
        try:
            read = os.read(self.descriptor, 65_536)
        except OSError as error:  # as Linux says that the other side is closed
            if error.errno != errno.EIO:
                raise
            return False
        self.seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x07|\r", "", read.decode(errors="replace"))
        return bool(read)


@contextmanager
def terminal(home: Path, *words: str) -> Iterator[Terminal]:
    child, descriptor = pty.fork()
    if child == 0:
        surroundings = {"OBSERVATORY_HOME": str(home), "COLUMNS": "80", "LINES": "24", "TERM": "xterm"}
        os.execve(OBSERVATORY, [str(OBSERVATORY), *words], {**os.environ, **surroundings})
    try:
        yield Terminal(descriptor)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(descriptor)


@pytest.fixture(scope="module")
def home(archive_home: Path) -> Path:
    return archive_home.parent


@pytest.mark.slow
def test_a_wide_view_shows_its_data_within_80_characters(measured_page: Path, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(measured_page.parent)
    with terminal(tmp_path, "query", "from performance where framework = 'tensorflow' limit 2") as shown:
        lines = shown.rest().splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.strip() for line in lines if line.startswith("row ")] == ["row 1", "row 2"]
    assert sum(line.split() == ["framework", "tensorflow"] for line in lines) == 2
    assert [line.split()[1] for line in lines if line.startswith("step_seconds_median")] == ["1.0", "1.0"]


def test_the_list_of_views_fits_into_80_characters(home: Path) -> None:
    with terminal(home, "describe") as shown:
        lines = shown.rest().splitlines()
    assert max(map(len, lines)) <= 80
    (place,) = (number for number, line in enumerate(lines) if line.startswith("adoption "))
    assert lines[place + 1].startswith(" " * 20)


@pytest.mark.slow
def test_the_shell_completes_views_and_columns_stops_at_ctrl_c_and_goes_on(home: Path) -> None:
    with terminal(home, "shell") as shown:
        shown.until("observatory> ")
        shown.type("select count(distinct interval_me\t) as found from adoption_vin\t where framework = 'jax';\n")
        assert "interval_method" in shown.until("observatory> ")
        shown.type("describe adoption_vin\t\n\n")
        assert "adoption_vintages" in shown.until("Columns")
        shown.until("observatory> ")
        shown.type("with recursive r as (select 1 n union all select n + 1 from r) select count(*) from r;\n")
        shown.until("from r;")
        shown.type("\x03")
        shown.until("Stopped.")
        shown.until("observatory> ")
        shown.type("select 6 * 7 as answer;\n")
        assert "42" in shown.until("observatory> ")
        shown.type("quit\n")
        assert "Traceback" not in shown.rest()
