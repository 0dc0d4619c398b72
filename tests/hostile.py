"""What makes a good file hostile, and what an inlet may do with one: give a result, or a sentence with a remedy."""

import gzip
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
import zstandard
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline.errors import ContractBroken, ObservatoryError

ODD_BYTES = [
    b"", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", b'"', b"'", b",", b"\n", b"\r", b"\xe2\x80\xa8",
    b"[" * 9000, b"{" * 9000, b"x" * 9000, b"=", b"]", b"\x1b[31m", b"../", b"\\", b"\\u0000",
]  # fmt: skip
ODD_NUMBERS = [
    b"1e999", b"-1e999", b"1" + b"0" * 30, b"9" * 5000, b"-1", b"NaN", b"sNaN", b"Infinity", b"inf", b"nan", b"0",
    b"1.5", b"", b"null", b"true", b"[]", b"{}", b'"x"', b"2099", b"0001-01-01", b"9999-12-31",
    b"0001-01-01T00:00:00+14:00", b"9999-12", b"2026-02-30", b"1_0", "٣".encode(),
]  # fmt: skip
_NUMBER = re.compile(rb"\d[\d.:T-]*")
FAST, SLOW = 3, 60
"""Examples of each inlet; many more under the marker `slow`."""


class HangsError(BaseException):
    """Not even what catches every `Exception` takes this for an error of the file."""


@contextmanager
def within(seconds: int) -> Iterator[None]:
    def end(*_: object) -> None:
        raise HangsError(f"it takes longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def foreseen(act: Callable[[], object]) -> bool:
    """Return whether it gives a result; what it raises must be a sentence that says what the user can do."""
    caught: ObservatoryError | None = None
    try:
        with within(30):
            act()
    except ObservatoryError as error:
        caught = error
    if caught:
        said = " ".join(str(caught).split())
        assert not isinstance(caught, ContractBroken), said  # the file is wrong, not the project
        assert re.fullmatch(r".+; \w.+\.", said), said
    return caught is None


def damaged(draw, content: bytes) -> bytes:
    """Return the bytes with one to three changes."""
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, max(0, len(content) - 1)))
        how = draw(st.sampled_from(["number", "number", "line", "columns", "insert", "flip", "cut", "double", "move"]))
        if how == "number":
            content = with_odd_number(draw, content)
        elif how in {"line", "columns"}:
            content = with_lines_changed(draw, content, how)
        elif how == "insert":
            content = content[:place] + draw(st.sampled_from(ODD_BYTES)) + content[place:]
        elif how == "flip" and content:
            content = content[:place] + bytes([content[place] ^ draw(st.integers(1, 255))]) + content[place + 1 :]
        elif how == "cut":
            content = content[:place]
        elif how == "double":
            content += content
        else:
            taken = content[place : place + draw(st.integers(1, 40))]
            goes = draw(st.integers(0, max(0, len(content) - 1)))
            content = content[:goes] + taken + content[goes:]
    return content


def with_odd_number(draw, content: bytes) -> bytes:
    if not (numbers := [match.span() for match in _NUMBER.finditer(content[:100_000])]):
        return content
    start, end = draw(st.sampled_from(numbers))
    return content[:start] + draw(st.sampled_from(ODD_NUMBERS)) + content[end:]


def with_lines_changed(draw, content: bytes, how: str) -> bytes:
    """A line is gone, there twice, or elsewhere; or the first one, the header, has a cell less, or others in turn."""
    lines = content.split(b"\n")
    if how == "columns":
        cells = lines[0].split(b",")
        place = draw(st.integers(0, len(cells) - 1))
        others = [cells[::-1], cells[:place] + cells[place + 1 :], [*cells, cells[0]]]
        lines[0] = b",".join(draw(st.sampled_from(others)))
        return b"\n".join(lines)
    place = draw(st.integers(0, len(lines) - 1))
    line = lines.pop(place)
    lines[place:place] = draw(st.sampled_from([[], [line, line], [line[::-1]]]))
    return b"\n".join([*lines, line] if draw(st.booleans()) else lines)


def damaged_file(draw, path: Path) -> bytes:
    """Return what a file holds, damaged below its compression or in the bytes as they lie."""
    content = path.read_bytes()
    if path.suffix == ".parquet":
        return damaged_parquet(draw, path) if draw(st.integers(0, 3)) else damaged(draw, content)
    if draw(st.integers(0, 4)) and path.suffix == ".gz":
        return gzip.compress(damaged(draw, gzip.decompress(content)), mtime=0)
    if draw(st.integers(0, 4)) and path.suffix == ".zst":
        plain = zstandard.ZstdDecompressor().stream_reader(content).read()
        return zstandard.ZstdCompressor().compress(damaged(draw, plain))
    return damaged(draw, content)


def damaged_parquet(draw, path: Path) -> bytes:
    """Return the table with one cell changed, or a row there twice, or a column gone; every cell is text then."""
    with duckdb.connect() as connection:
        connection.execute(f"create table t as select columns(*)::varchar from read_parquet('{path}')")
        columns = [name for name, *_ in connection.execute("describe t").fetchall()]
        column = draw(st.sampled_from(columns))
        how = draw(st.sampled_from(["cell", "cell", "cell", "twice", "gone", "none"]))
        word = draw(st.sampled_from(ODD_NUMBERS + ODD_BYTES)).decode(errors="replace")
        if how == "cell":
            place = draw(st.integers(0, connection.execute("select count(*) from t").fetchall()[0][0]))
            connection.execute(f'update t set "{column}" = ? where rowid = ?', [word, place])
        elif how == "twice":
            connection.execute("insert into t (from t limit 1)")
        elif how == "none":
            connection.execute("delete from t")
        elif len(columns) > 1:
            connection.execute(f'alter table t drop "{column}"')
        connection.execute(f"copy t to '{path}.other' (format parquet)")
    other = Path(f"{path}.other")
    content = other.read_bytes()
    other.unlink()
    return content


def fed(examples: int, act: Callable[[Callable], None]) -> None:
    """Let `act` draw so many examples; making one smaller would take longer than reading it."""

    @settings(max_examples=examples, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.data())
    def example(data) -> None:
        act(data.draw)

    example()


def of_both(argument: str = "examples") -> pytest.MarkDecorator:
    """A few examples always, and many more where slow tests run."""
    return pytest.mark.parametrize(argument, [FAST, pytest.param(SLOW, marks=pytest.mark.slow)], ids=["few", "many"])


def held(connection: duckdb.DuckDBPyConnection) -> dict[str, object]:
    """Return what the warehouse holds but for the log of its runs: each table's rows, as one number."""
    tables = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_type = 'BASE TABLE' and table_schema in ('core', 'ref') order by all"
    ).fetchall()
    counted = " union all ".join(f"select '{name}', count(*), sum(hash(t)) from {name} t" for (name,) in tables)
    return {name: found for name, *found in connection.execute(counted).fetchall()}
