"""Raw answers survive whatever happens to the process and the disk."""

import os
import resource
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from sample_source import page_of

from pipeline.errors import BadInput
from pipeline.fetch.page import Page, Request
from pipeline.fetch.raw_store import PaginationLog, RawStore
from pipeline.records.collected import Window

WINDOW = Window(window_id="2025-03", starts_on=date(2025, 3, 1), ends_on=date(2025, 3, 31))


def request(number: int, **more: object) -> Request:
    return Request(url="https://service.example/api", params=(("n", str(number)),), **more)


@pytest.fixture
def vault(tmp_path: Path) -> RawStore:
    return RawStore(tmp_path)


def new_walk(vault: RawStore, now) -> PaginationLog:
    return PaginationLog.new(WINDOW, now, {walk.walk_id for walk in vault.walks("sample")})


def test_a_kept_page_comes_back_whole_under_its_checksum(vault, now) -> None:
    page = vault.keep(page_of(b"\x00body", request(1)))
    assert vault.page(page.provenance) == page
    sha = page.provenance.sha256
    assert (vault.folder / "pages" / sha[:2] / sha).read_bytes() == b"\x00body"


def test_a_walk_comes_back_with_its_pages_in_order(vault, now) -> None:
    walk = new_walk(vault, now)
    for number in (2, 1, 3):
        vault.note_page("sample", walk, vault.keep(page_of(str(number), request(number))))
    vault.note_state("sample", walk, "finished", now)
    (found,) = vault.walks("sample")
    assert found == walk
    assert [vault.page(each).body for each in found.pages] == [b"2", b"1", b"3"]


def test_a_page_that_was_asked_for_again_counts_once_with_its_last_answer(vault, now) -> None:
    walk = new_walk(vault, now)
    for number, body in ((1, "one"), (2, "empty"), (2, "full"), (3, "three")):
        vault.note_page("sample", walk, vault.keep(page_of(body, request(number))))
    (found,) = vault.walks("sample")
    assert [vault.page(each).body for each in found.pages] == [b"one", b"full", b"three"]


def test_walks_of_one_second_have_names_of_their_own(vault, now) -> None:
    names = set()
    for number in range(3):
        walk = new_walk(vault, now)
        vault.note_page("sample", walk, vault.keep(page_of(str(number), request(number))))
        names.add(walk.walk_id)
    assert len(names) == len(vault.walks("sample")) == 3


def test_a_damaged_or_missing_page_is_none_and_can_be_kept_anew(vault) -> None:
    page = vault.keep(page_of("body", request(1)))
    path = vault.folder / "pages" / page.provenance.sha256[:2] / page.provenance.sha256
    path.write_bytes(b"bodx")
    assert vault.page(page.provenance) is None
    vault.keep(page)
    assert vault.page(page.provenance).body == b"body"
    path.unlink()
    assert vault.page(page.provenance) is None


def test_a_large_page_is_moved_in_and_read_as_a_stream(vault, tmp_path) -> None:
    body = b"line\n" * 1000
    unfinished = tmp_path / "unfinished"
    unfinished.write_bytes(body)
    made = page_of(body, request(1, is_large=True))
    kept = vault.keep(Page(provenance=made.provenance, content=unfinished))
    assert not unfinished.exists()
    again = vault.page(kept.provenance)
    assert isinstance(again.content, Path)
    with again.open() as stream:
        assert stream.read() == body


@pytest.mark.parametrize("torn_bytes", [2, 40, 200])
def test_a_torn_line_costs_that_line_only(vault, now, torn_bytes) -> None:
    walk = new_walk(vault, now)
    for number in (1, 2):
        vault.note_page("sample", walk, vault.keep(page_of(str(number), request(number))))
    log = vault.folder / "sample" / "walks.jsonl"
    log.write_bytes(log.read_bytes()[:-torn_bytes])
    assert [len(each.pages) for each in vault.walks("sample")] == [1]
    vault.note_page("sample", walk, vault.keep(page_of("3", request(3))))
    assert [len(each.pages) for each in vault.walks("sample")] == [2]


def test_a_full_disk_is_a_clear_error_and_leaves_no_half_line_in_use(vault, now) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    walk = new_walk(vault, now)
    page = vault.keep(page_of("1", request(1)))
    (vault.folder / "sample").mkdir()
    (vault.folder / "sample" / "walks.jsonl").symlink_to("/dev/full")
    with pytest.raises(BadInput, match=r"No space left.*make room there, or set OBSERVATORY_HOME"):
        vault.note_page("sample", walk, page)


_FILLS = """
import resource, signal, sys
from pathlib import Path
from sample_source import page_of
from pipeline.fetch.raw_store import RawStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
RawStore(Path(sys.argv[1])).keep(page_of("x" * 5000))
"""


def test_a_page_that_does_not_fit_leaves_nothing_behind(tmp_path) -> None:
    assert resource.RLIMIT_FSIZE is not None
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), str(Path.cwd())])}
    child = subprocess.run(
        [sys.executable, "-c", _FILLS, str(tmp_path)], capture_output=True, text=True, env=environment, check=False
    )
    assert child.returncode == 1
    assert "pipeline.errors.BadInput" in child.stderr
    assert "make room there" in child.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path) -> None:
    (tmp_path / "raw").write_text("a file where a folder should be")
    with pytest.raises(BadInput, match="cannot be written"):
        RawStore(tmp_path / "raw").keep(page_of("1"))
