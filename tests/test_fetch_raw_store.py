"""Raw answers survive whatever happens to the process and the disk."""

import gzip
import json
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
from pipeline.fetch.raw_store import Pagination, RawStore
from pipeline.records.collected import CollectWindow

WINDOW = CollectWindow(window_id="2025-03", starts_on=date(2025, 3, 1), ends_on=date(2025, 3, 31))


def request(number: int, **more: object) -> Request:
    return Request(url="https://service.example/api", params=(("n", str(number)),), **more)


@pytest.fixture
def raw_store(tmp_path: Path) -> RawStore:
    return RawStore(tmp_path)


def new_pagination(raw_store: RawStore, now) -> Pagination:
    return Pagination.new(WINDOW, now, {pagination.pagination_id for pagination in raw_store.paginations("sample")})


def test_a_kept_page_comes_back_whole_under_its_checksum(raw_store, now) -> None:
    page = raw_store.keep(page_of(b"\x00body", request(1)))
    assert raw_store.page(page.provenance) == page
    (file,) = raw_store.folder.glob("pages/??/*")
    assert file.name == f"{page.provenance.sha256}.gz"
    assert gzip.decompress(file.read_bytes()) == b"\x00body"


def test_equal_answers_make_equal_files_and_many_of_them_take_little_room(raw_store, tmp_path) -> None:
    body = b'{"name": "owner/repository", "stars": 1}' * 1000
    for folder in (tmp_path / "one", tmp_path / "other"):
        RawStore(folder).keep(page_of(body, request(1)))
    one, other = (next((tmp_path / name).glob("pages/??/*")).read_bytes() for name in ("one", "other"))
    assert one == other
    assert len(one) < len(body) / 50


def test_an_answer_that_an_earlier_version_kept_as_it_came_is_read(raw_store) -> None:
    page = page_of(b"body", request(1))
    plain = raw_store.folder / "pages" / page.provenance.sha256[:2] / page.provenance.sha256
    plain.parent.mkdir(parents=True)
    plain.write_bytes(b"body")
    assert raw_store.page(page.provenance) == page
    raw_store.keep(page)
    assert list(plain.parent.iterdir()) == [plain]


def test_what_no_log_tells_of_is_swept_away_and_nothing_else(raw_store, now) -> None:
    pages = [raw_store.keep(page_of(str(number), request(number))) for number in range(3)]
    for source_id, page in (("sample", pages[0]), ("sample", pages[1]), ("other", pages[1])):
        raw_store.note_page(source_id, new_pagination(raw_store, now), page)
    raw_store.drop("sample", {each.pagination_id for each in raw_store.paginations("sample")})
    assert raw_store.paginations("sample") == []
    assert raw_store.sweep() == 2
    assert [raw_store.page(each.provenance) is not None for each in pages] == [False, True, False]


def test_a_pagination_comes_back_with_its_pages_in_order(raw_store, now) -> None:
    pagination = new_pagination(raw_store, now)
    for number in (2, 1, 3):
        raw_store.note_page("sample", pagination, raw_store.keep(page_of(str(number), request(number))))
    raw_store.note_state("sample", pagination, "finished", now)
    (found,) = raw_store.paginations("sample")
    assert found == pagination
    assert [raw_store.page(each).body for each in found.pages] == [b"2", b"1", b"3"]


def test_a_page_that_was_asked_for_again_counts_once_with_its_last_answer(raw_store, now) -> None:
    pagination = new_pagination(raw_store, now)
    for number, body in ((1, "one"), (2, "empty"), (2, "full"), (3, "three")):
        raw_store.note_page("sample", pagination, raw_store.keep(page_of(body, request(number))))
    (found,) = raw_store.paginations("sample")
    assert [raw_store.page(each).body for each in found.pages] == [b"one", b"full", b"three"]


def test_the_log_reads_and_writes_the_names_of_every_version(raw_store, now) -> None:
    """A home of an earlier version is gone on with, and that version could read what is added."""
    log = raw_store.folder / "sample" / "walks.jsonl"
    log.parent.mkdir()
    line = {"walk_id": "w@1", "window_id": "w", "ends_on": "2026-01-31", "state": "loaded", "at": now.isoformat()}
    log.write_text(json.dumps(line) + "\n")
    (found,) = raw_store.paginations("sample")
    assert (found.pagination_id, found.state) == ("w@1", "loaded")
    raw_store.note_state("sample", found, "abandoned", now)
    assert json.loads(log.read_text().splitlines()[-1])["walk_id"] == "w@1"


def test_paginations_of_one_second_have_names_of_their_own(raw_store, now) -> None:
    names = set()
    for number in range(3):
        pagination = new_pagination(raw_store, now)
        raw_store.note_page("sample", pagination, raw_store.keep(page_of(str(number), request(number))))
        names.add(pagination.pagination_id)
    assert len(names) == len(raw_store.paginations("sample")) == 3


def test_a_damaged_or_missing_page_is_none_and_can_be_kept_anew(raw_store) -> None:
    page = raw_store.keep(page_of("body", request(1)))
    (path,) = raw_store.folder.glob("pages/??/*")
    whole = path.read_bytes()
    for damaged in (b"body", b"", whole[:-9], whole[:12] + b"\xff" + whole[13:], gzip.compress(b"bodx")):
        path.write_bytes(damaged)
        assert raw_store.page(page.provenance) is None
    raw_store.keep(page)
    assert raw_store.page(page.provenance).body == b"body"
    path.unlink()
    assert raw_store.page(page.provenance) is None


def test_a_large_page_is_moved_in_and_read_as_a_stream(raw_store, tmp_path) -> None:
    body = b"line\n" * 1000
    unfinished = tmp_path / "unfinished"
    unfinished.write_bytes(body)
    made = page_of(body, request(1, is_large=True))
    kept = raw_store.keep(Page(provenance=made.provenance, content=unfinished))
    assert not unfinished.exists()
    again = raw_store.page(kept.provenance)
    assert isinstance(again.content, Path)
    with again.open() as stream:
        assert stream.read() == body
    assert again.content.stat().st_size < len(body) / 10


def test_a_large_page_that_is_compressed_already_stays_as_it_came(raw_store, tmp_path) -> None:
    body = b"PAR1" + bytes(1000) + b"PAR1"
    unfinished = tmp_path / "unfinished"
    unfinished.write_bytes(body)
    made = page_of(body, request(1, is_large=True))
    kept = raw_store.keep(Page(provenance=made.provenance, content=unfinished))
    assert kept.content.read_bytes() == body
    assert raw_store.page(kept.provenance) == kept


@pytest.mark.parametrize("torn_bytes", [2, 40, 200])
def test_a_torn_line_costs_that_line_only(raw_store, now, torn_bytes) -> None:
    pagination = new_pagination(raw_store, now)
    for number in (1, 2):
        raw_store.note_page("sample", pagination, raw_store.keep(page_of(str(number), request(number))))
    log = raw_store.folder / "sample" / "walks.jsonl"
    log.write_bytes(log.read_bytes()[:-torn_bytes])
    assert [len(each.pages) for each in raw_store.paginations("sample")] == [1]
    raw_store.note_page("sample", pagination, raw_store.keep(page_of("3", request(3))))
    assert [len(each.pages) for each in raw_store.paginations("sample")] == [2]


def test_a_full_disk_is_a_clear_error_and_leaves_no_half_line_in_use(raw_store, now) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    pagination = new_pagination(raw_store, now)
    page = raw_store.keep(page_of("1", request(1)))
    (raw_store.folder / "sample").mkdir()
    (raw_store.folder / "sample" / "walks.jsonl").symlink_to("/dev/full")
    with pytest.raises(BadInput, match=r"No space left.*make room there, or set OBSERVATORY_HOME"):
        raw_store.note_page("sample", pagination, page)


_FILLS = """
import os, resource, signal, sys
from pathlib import Path
from sample_source import page_of
from pipeline.fetch.raw_store import RawStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
RawStore(Path(sys.argv[1])).keep(page_of(os.urandom(5000)))
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
