"""Hostile files at every inlet: a result, or one sentence with a remedy; never a hang, and nothing half kept.

Each inlet reads a good file of its kind, damaged: bytes changed, cut, doubled and moved, odd numbers and words, columns
gone and in another order, what is no file at all. Corpora that are scanned have `test_hostile_corpora` beside this.
"""

import gzip
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
import test_import_github_ranking as github_ranking
import test_import_kaggle as kaggle
import test_import_npm as npm
import test_import_package_index as package_index
import test_import_papers as papers
import test_import_stackoverflow as stackoverflow
import test_paper_repositories as repositories
from detector import REFERENCE, SNIPPETS, rules
from hostile import damaged, damaged_file, fed, foreseen, held, of_both
from hypothesis import strategies as st
from test_bench_exchange import results_of
from test_odd_answers import changed_json
from test_reference import GOOD
from test_reference import write as write_lists

from flows.cli.commands.query import _query_text
from pipeline.archive.build import IMPORTERS
from pipeline.archive.importer import Importer
from pipeline.archive.manifest import (
    MANIFEST,
    Manifest,
    ManifestFile,
    archived_machines,
    archived_records,
    read_manifest,
    to_csv,
    to_toml,
)
from pipeline.detect.rules.ruleset import read_rules, read_rulesets
from pipeline.errors import ObservatoryError
from pipeline.jobs.audit import LabelledText, audit_detectors
from pipeline.jobs.bench import import_here, load_export
from pipeline.jobs.collect import load_archived
from pipeline.jobs.context import JobContext
from pipeline.jobs.label_file import LabelledSubject, read_labelled, read_subjects, write_subjects
from pipeline.jobs.scan_subjects import WhatToScan, addresses_in, read_subject_rows
from pipeline.records.bench_travel import from_file, to_file, without_samples
from pipeline.records.benchmarks import OF_A_RUN, TRAVELLING, BenchRun
from pipeline.reference.frameworks import read_frameworks
from pipeline.reference.lists import read_claims, read_lists, read_mlperf_rules
from pipeline.reference.toml_file import read_toml
from pipeline.settings import Settings
from pipeline.warehouse.checks import run_checks, stop_on_failure
from pipeline.warehouse.load import load_source_entries
from pipeline.warehouse.reference import load_reference
from pipeline.warehouse.runs import start_run

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def job(warehouse, tmp_path) -> JobContext:
    return JobContext(settings=Settings(home=tmp_path), connection=warehouse, run_id=start_run(warehouse, "test", NOW))


# Exports of benchmarks.


@of_both()
def test_an_export(examples):
    whole = json.loads(to_file("m.json", results_of(NOW)))
    # One without a checksum is read to its end.
    open_ended = json.dumps({**whole, "version": 1, "sha256": None}).encode()
    packed = to_file("m.json.gz", results_of(NOW))
    assert foreseen(lambda: from_file("m.json", open_ended))

    def act(draw) -> None:
        how = draw(st.integers(0, 9))
        content = changed_json(draw, open_ended) if how < 5 else damaged(draw, open_ended if how < 8 else packed)
        foreseen(lambda: from_file("m.json", content))

    fed(examples * 10, act)


EXTREMES = [
    None, True, False, 0, 1, 2**31 - 1, 10**15, 1e-12, 1e12, "x" * 300, "a\u0000b", "measured", "unstable", "gpu", "{}",
    "2015-01-01T00:00:00Z", "2100-01-01T00:00:00Z", '{"threads_count": 3, "x": 1e999}', '{"threads_count": -1}',
    '{"threads_count": 100000000000000000000}', '{"threads_count": 3, "is_quick": "maybe"}',
    '{"threads_count": 3, "cores_count": "x"}', '{"threads_count": "x", "threads_count": 3}',
    '{"threads_count": 3, "cores_count": 1e99}', '{"float32_matmul_precision": [], "device": 5}',
    '{"threads_count": 3, "is_quick": []}', '{"a": ' + "[" * 150 + "]" * 150 + "}",
]  # fmt: skip
"""What a column may hold, at its ends, and what JSON may be that columns of JSON hold."""


def with_extremes(draw, export: dict) -> bytes:
    """Return an export in which a column holds, in one row or in all, what it need not expect but may hold."""
    content = json.loads(json.dumps(export))
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from([*TRAVELLING, BenchRun, BenchRun]))
        if table := content["tables"].get(kind.table):
            column = draw(st.integers(0, len(table["columns"]) - 1))
            rows = table["rows"]
            value = draw(st.sampled_from(EXTREMES))
            for row in rows if draw(st.booleans()) else rows[:1]:
                row[column] = value
    return json.dumps(content).encode()


@of_both()
def test_an_import_is_whole_or_nothing_and_stops_no_publication(examples, job):
    export = {**json.loads(to_file("m.json", results_of(NOW))), "version": 1, "sha256": None}
    load_reference(job.connection, REFERENCE)
    before = held(job.connection)
    kept = []

    def act(draw) -> None:
        is_extreme = draw(st.integers(0, 4)) > 0
        content = with_extremes(draw, export) if is_extreme else changed_json(draw, json.dumps(export).encode())
        if foreseen(lambda: load_export(job, "m.json", content)):
            kept.append(content)
            stop_on_failure(run_checks(job.connection, job.run_id))
            for kind in OF_A_RUN:
                job.connection.execute(f"delete from {kind.table}")
            job.connection.execute("delete from core.machine")
        assert held(job.connection) == before

    fed(examples, act)
    assert kept


# The publishers' raw files.


def csv_of(name: str, *lines: str) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        (folder / name).write_text("\n".join(lines) + "\n", "utf-8")

    return make


def mlperf(folder: Path) -> None:
    papers.write(folder / papers.published.TRAINING_FILE, papers.ENTRIES)
    papers.write(folder / papers.published.LATER_FILE, papers.LATER, papers.LATER_COLUMNS)
    papers.write(folder / papers.published.INFERENCE_FILE, papers.RESULTS, papers.RESULT_COLUMNS)


def lists(folder: Path) -> None:
    papers.write(folder / "papers.parquet", papers.LISTED, papers.LISTED_PAPERS)
    papers.write(folder / "files.csv", papers.LISTS)
    papers.write(folder / "framework_mentions.parquet", papers.MENTIONS)


def surveys(folder: Path) -> None:
    stackoverflow.raw_folder(folder)
    header = "year,option,loved_pct,dreaded_pct,wanted_pct,status"
    csv_of(stackoverflow.OPINIONS_FILE, header, "2018,TensorFlow,73.5221,26.4779,15.5442,final")(folder)


RAW: dict[str, Callable[[Path], object]] = {
    "conference_tracker": lambda folder: papers.tracker(folder, papers=papers.PAPERS),
    "paper_code_links": lambda folder: papers.write(folder / "pwc_links_slice.csv.gz", papers.LINKS),
    "paper_lists": lists,
    "paper_repositories": repositories.raw_folder,
    "stackoverflow_survey": surveys,
    "kaggle_survey": kaggle.raw_folder,
    "github_ranking": github_ranking.raw_folder,
    "github_innovation_graph": csv_of(
        "topic_pushers_quarterly.csv", "year,quarter,topic,iso2_code,num_pushers", "2024,1,pytorch,US,500",
        "2024,4,jax,DE,100",
    ),
    "hn_who_is_hiring": csv_of(
        "posts_naming_monthly.csv", "month,posts,term,posts_naming", "2015-01,100,PyTorch,7", "2016-12,90,PyTorch,8"
    ),
    "package_index": package_index.raw_folder,
    "mlperf_training": mlperf,
    "mlperf_inference": mlperf,
    "npm_downloads": csv_of(npm.RAW_FILE, npm.HEADER, "2.20260301.0,2026-03?,onnxruntime-web,7"),
    "icml_2019_labels": lambda folder: papers.tracker(
        folder, papers=[("icml", 2019, "cd", "tf|pt", papers.CODE)]
    ),
    "abstract_truth": lists,
}  # fmt: skip
"""What makes a good small folder of each importer."""


@of_both()
@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.source_id)
def test_a_raw_file(examples, importer: Importer, tmp_path):
    RAW[importer.source_id](tmp_path)
    good = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def read() -> None:
        for file in importer.files:
            to_csv(file.record, file.read(tmp_path, importer.stamp))

    # Of ICML the good file would have to hold every paper that the labels name.
    assert importer.source_id == "icml_2019_labels" or foreseen(read)

    def act(draw) -> None:
        for each, whole in good.items():  # also after an example that failed
            (tmp_path / each).write_bytes(whole)
        name = draw(st.sampled_from(sorted(good)))
        (tmp_path / name).write_bytes(damaged_file(draw, tmp_path / name))
        foreseen(read)

    fed(examples, act)


# The archive that is shipped, and its manifest in other hands.


class OwnArchive(Settings):
    """Those of somebody who changes the archive."""

    @property
    def archive_folder(self) -> Path:
        return self.home / "archive"


def shipped(folder: Path) -> None:
    """Make an archive of one table and one machine."""
    (source,) = (each for each in read_manifest(Settings().archive_folder).source if each.source_id == "npm_downloads")
    shutil.copy(Settings().archive_folder / source.file[0].name, folder)
    figures = to_file("m.json", without_samples(results_of(NOW)), OF_A_RUN)
    (folder / "m.json").write_bytes(figures)
    file = ManifestFile(name="m.json", table=BenchRun.table, rows_count=1, sha256=sha256(figures).hexdigest())
    sources = [source, source.model_copy(update={"source_id": "a_machine", "file": [file]})]
    (folder / MANIFEST).write_text(to_toml(Manifest(source=sources)), "utf-8")


@of_both()
def test_a_shipped_file_is_loaded_whole_or_not_at_all(examples, job, tmp_path):
    folder = tmp_path / "archive"
    folder.mkdir()
    shipped(folder)
    good = {path.name: path.read_bytes() for path in folder.iterdir()}
    job = replace(job, settings=OwnArchive(home=tmp_path))
    load_reference(job.connection, REFERENCE)

    def load() -> None:
        for source in read_manifest(folder).source:
            load_source_entries(job.connection, [source])
            before = held(job.connection)
            try:
                load_archived(job, source)
            except ObservatoryError:
                assert held(job.connection) == before
                raise

    assert foreseen(load)

    def act(draw) -> None:
        for each, whole in good.items():  # also after an example that failed
            (folder / each).write_bytes(whole)
        name = draw(st.sampled_from(sorted(good)))
        content = damaged_file(draw, folder / name)
        (folder / name).write_bytes(content)
        if name != MANIFEST and draw(st.integers(0, 5)):  # whoever changes a file may sign it, too
            before, after = (sha256(each).hexdigest().encode() for each in (good[name], content))
            signed = good[MANIFEST].replace(before, after)
            (folder / MANIFEST).write_bytes(signed)
        foreseen(load)

    fed(examples * 2, act)


# Labels.

SUBJECTS = [
    LabelledSubject(subject="corpus/a", uses=["pytorch"], year=2020, probability=0.5, stratum="found", at="a"),
    LabelledSubject(subject="corpus/b", is_unsure=True, probability=0.25),
]


@of_both()
def test_a_file_of_labels(examples, tmp_path):
    path = tmp_path / "labels.jsonl"
    write_subjects(path, SUBJECTS)
    good = path.read_bytes()
    texts = b"\n".join((SNIPPETS / "tuning.jsonl").read_bytes().splitlines()[:3])

    def act(draw) -> None:
        is_of_lines = draw(st.booleans())
        for content, read in (
            (good, read_subjects),
            (texts, lambda path: read_labelled(path, LabelledText, "labelled text")),
        ):
            lines = content.splitlines()
            path.write_bytes(
                b"\n".join([changed_json(draw, lines[0]), *lines[1:]]) if is_of_lines else damaged(draw, content)
            )
            foreseen(lambda read=read: read(path))

    fed(examples * 5, act)


@of_both()
def test_labelled_texts_are_audited_or_refused(examples, warehouse, tmp_path):
    load_reference(warehouse, REFERENCE)
    lines = (SNIPPETS / "tuning.jsonl").read_bytes().splitlines()[:2]
    audit_detectors(warehouse, rules(), [SNIPPETS / "held_out.jsonl"])
    names = ("labels.jsonl", "_.jsonl", " \u2028.jsonl", os.fsdecode(b"caf\xe9.jsonl"), "x" * 249 + ".jsonl")

    def act(draw) -> None:
        path = tmp_path / draw(st.sampled_from(names))
        path.write_bytes(b"\n".join(changed_json(draw, line) for line in lines))
        before = held(warehouse)
        if not foreseen(lambda: audit_detectors(warehouse, rules(), [path])):
            assert held(warehouse) == before

    fed(examples, act)


def test_a_subject_whose_name_holds_a_line_separator_is_read_back(tmp_path):
    named = [LabelledSubject(subject="a\u2028b\x85c", uses=[])]
    write_subjects(tmp_path / "l.jsonl", named)
    assert read_subjects(tmp_path / "l.jsonl") == named


# Lists of a reference folder of the user's own.


@of_both()
def test_a_reference_list(examples, warehouse, tmp_path):
    write_lists(tmp_path, **GOOD)
    files = sorted(tmp_path.rglob("*.toml"))
    good = {path: path.read_bytes() for path in files}
    load_reference(warehouse, tmp_path)

    def act(draw) -> None:
        for each, whole in good.items():  # also after an example that failed
            each.write_bytes(whole)
        path = draw(st.sampled_from(files))
        path.write_bytes(damaged(draw, good[path]))
        before = held(warehouse)
        if not foreseen(lambda: load_reference(warehouse, tmp_path)):
            assert held(warehouse) == before

    fed(examples * 5, act)


@of_both()
def test_rules_and_the_ledger_of_claims(examples, tmp_path):
    for name in ("claims", "detector", "rulesets"):
        shutil.copytree(REFERENCE / name, tmp_path / name)
    for name in ("series", "wordings", "headlines", "events", "mlperf"):
        shutil.copy(REFERENCE / f"{name}.toml", tmp_path)
    write_lists(tmp_path, **{name: text for name, text in GOOD.items() if name.startswith("frameworks/")})
    newest = sorted((tmp_path / "rulesets").iterdir())[:1]
    for path in (tmp_path / "rulesets").iterdir():
        if path not in newest:
            path.unlink()
    files = {
        read_claims: sorted((tmp_path / "claims").iterdir()),
        read_rules: sorted((tmp_path / "detector").iterdir()),
        read_rulesets: newest,
        read_mlperf_rules: [tmp_path / "mlperf.toml"],
    }
    good = {path: path.read_bytes() for paths in files.values() for path in paths}

    def act(draw) -> None:
        read = draw(st.sampled_from(list(files)))
        path = draw(st.sampled_from(files[read]))
        for each, whole in good.items():  # also after an example that failed
            each.write_bytes(whole)
        path.write_bytes(damaged(draw, good[path]))
        foreseen(lambda: read(tmp_path))

    fed(examples * 2, act)


# Lists of subjects to scan.


@of_both()
def test_a_list_of_subjects(examples, tmp_path):
    corpus, listed = tmp_path / "corpus", tmp_path / "list.csv"
    corpus.mkdir()
    (corpus / "a.py").write_text("import torch\n")
    good = b"path,pattern,subject,year,venue,repository\na.py,,A,2020,ICML,github.com/o/n\n,*.py,B,,,\n,,,2021,,https://x.y/\n"

    def act(draw) -> None:
        place = draw(st.sampled_from([b"a.py", b"*.py", b"2020"]))
        odd = [b"**x", b"/*", b"//", b"..", b"*" * 300, b"[", b"a\0b", b"/etc/**", b"x" * 5000, b"http://[", b"http://"]
        content = good.replace(place, draw(st.sampled_from(odd))) if draw(st.booleans()) else damaged(draw, good)
        listed.write_bytes(content)
        what = WhatToScan(paths=(corpus,), subjects_file=listed)
        foreseen(lambda: list(what.units(Settings(home=tmp_path), is_dry=True)))

    fed(examples * 5, act)


def test_an_address_that_is_none_is_listed_as_unreachable(tmp_path):
    (tmp_path / "list.csv").write_text("path,year\nhttp://[,2020\n")
    what = WhatToScan(subjects_file=tmp_path / "list.csv")
    (unit,) = what.units(Settings(home=tmp_path))
    assert unit.refusals[0][:2] == ("http://[", "unreachable")


# What is no file.


def a_folder(path: Path) -> None:
    path.mkdir()


def a_loop(path: Path) -> None:
    path.symlink_to(path)


def a_dangling_link(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def empty(path: Path) -> None:
    path.touch()


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def half_a_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(os.urandom(9000))[:-99])


def zeros(path: Path) -> None:
    path.write_bytes(bytes(1 << 20))


SHAPES = (os.mkfifo, a_folder, a_loop, a_dangling_link, empty, a_device, half_a_gzip, zeros)


@dataclass(frozen=True)
class Inlet:
    """Where a file lies in a folder, and what reads that folder."""

    file: str
    read: Callable[[Path], object]


def read_archive(folder: Path) -> None:
    for source in read_manifest(folder).source:
        list(archived_records(folder, source))
        list(archived_machines(folder, source))


def read_raw(source_id: str) -> Callable[[Path], object]:
    (importer,) = (each for each in IMPORTERS if each.source_id == source_id)
    return lambda folder: [list(file.read(folder, importer.stamp)) for file in importer.files]


INLETS = (
    Inlet("m.json.gz", lambda folder: import_here(Settings(home=folder), folder / "m.json.gz")),
    Inlet("l.jsonl", lambda folder: read_subjects(folder / "l.jsonl")),
    Inlet("t.toml", lambda folder: read_toml(folder / "t.toml")),
    Inlet("s.csv", lambda folder: read_subject_rows(folder / "s.csv")),
    Inlet(MANIFEST, read_archive),
    Inlet("npm_downloads.csv", read_archive),
    Inlet("m.json", read_archive),
    Inlet("series.toml", read_lists),
    Inlet("frameworks/pytorch.toml", read_frameworks),
    Inlet("claims/claims.csv", read_claims),
    Inlet("rulesets/rules-1.json", read_rulesets),
    Inlet(npm.RAW_FILE, read_raw("npm_downloads")),
    Inlet("kaggle_survey_2022.csv.zst", read_raw("kaggle_survey")),
    Inlet("pwc_links_slice.csv.gz", read_raw("paper_code_links")),
    Inlet(github_ranking.RAW_FILE, read_raw("github_ranking")),
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
@pytest.mark.parametrize("inlet", INLETS, ids=lambda inlet: inlet.file)
def test_what_is_no_file_is_refused_and_nobody_waits_for_it(inlet: Inlet, shape, tmp_path):
    if inlet.read is read_archive:
        shipped(tmp_path)
    elif inlet.file == "kaggle_survey_2022.csv.zst":
        kaggle.raw_folder(tmp_path)
    path = tmp_path / inlet.file
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    shape(path)
    is_list_of_nothing = shape is empty and inlet.file in {"l.jsonl", "t.toml"}
    assert foreseen(lambda: inlet.read(tmp_path)) == is_list_of_nothing


OF_THE_USER: dict[str, tuple[bytes, Callable[[Path], object]]] = {
    "l.jsonl": (b'{"subject": "a", "uses": ["pytorch"]}\n{"subject": "b"}\n', read_subjects),
    "t.jsonl": (b'{"id": "a", "text": "b"}\n', lambda path: read_labelled(path, LabelledText, "labelled text")),
    "t.toml": (b"a = 1\n# remark\nb = [1,\n2]\n", read_toml),
    "s.csv": (b"path,year\na.py,2020\n", read_subject_rows),
    "a.txt": (b"# remark\nhttps://x.y/z\n", addresses_in),
    "q.sql": (b"select 1\n", lambda path: _query_text("", path, None).split()),
}


@pytest.mark.parametrize("name", OF_THE_USER)
def test_a_file_that_an_editor_wrote_with_a_mark_and_other_line_ends_is_the_same_file(name: str, tmp_path):
    content, read = OF_THE_USER[name]
    path = tmp_path / name
    path.write_bytes(content)
    plain = read(path)
    path.write_bytes(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"))
    assert read(path) == plain
    if name != "a.txt":  # whose paths may be in any encoding
        for other in (content.decode().encode("utf-16"), content + b"caf\xe9"):
            path.write_bytes(other)
            assert not foreseen(lambda: read(path))
        path.unlink()
        path.mkdir()
        assert not foreseen(lambda: read(path))


def test_an_editors_lock_beside_the_frameworks_is_passed_over(tmp_path):
    write_lists(tmp_path, **GOOD)
    (tmp_path / "frameworks" / ".#pytorch.toml").symlink_to("me@here.1:2")
    assert "pytorch" in read_frameworks(tmp_path)


def test_numbers_and_nesting_that_toml_allows_and_python_does_not(tmp_path):
    """The reader of the standard library raises other errors than its own for these."""
    for content in (f"a = {'9' * 5000}", f"a = {'[' * 9000}{']' * 9000}"):
        (tmp_path / "t.toml").write_text(content)
        assert not foreseen(lambda: read_toml(tmp_path / "t.toml"))
