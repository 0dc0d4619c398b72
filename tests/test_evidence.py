"""Scans in the warehouse: incremental, under several rulesets, from addresses, and told as views."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from detector import REFERENCE, pdf, rules
from fault_server import Answer, FaultServer

from pipeline.detect.rules.ruleset import freeze, read_rules
from pipeline.errors import BadInput
from pipeline.jobs.scan import ScanTerms, chosen_rulesets, local_scanner, scan_into
from pipeline.jobs.scan_subjects import WhatToScan, file_address, is_address_list
from pipeline.settings import Settings
from pipeline.warehouse.reference import load_reference

SCANNER = local_scanner(1, 60)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", retries_count=0, seconds_between_requests=0)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "owner"
    folder.mkdir()
    (folder / "requirements.txt").write_text("tensorflow==1.4\n")
    (folder / "train.py").write_text("import tensorflow as tf\n")
    (folder / "README.md").write_text("We use TensorFlow. Unlike PyTorch, it is static.")
    return folder


def scan_paths(warehouse, settings, paths, *, rulesets=None, observed_on=None, subject=None):
    return scan_into(
        warehouse,
        lambda: WhatToScan(paths=tuple(paths), subject_id=subject).units(settings),
        rulesets or [rules()],
        SCANNER,
        ScanTerms(observed_on=observed_on),
    )


def ask(warehouse, sql):
    return warehouse.execute(sql).fetchall()


def test_evidence_has_its_place_and_tier(warehouse, settings, repository):
    scan_paths(warehouse, settings, [repository])
    found = ask(warehouse, "select path, tier, framework, span, place, is_counted from evidence order by all")
    assert found == [
        ("README.md", "mention", "pytorch", "PyTorch", "line 1", False),
        ("README.md", "mention", "tensorflow", "TensorFlow", "line 1", True),
        ("requirements.txt", "dependency", "tensorflow", "tensorflow==1.4", "line 1", True),
        ("train.py", "import", "tensorflow", "tensorflow", "line 1", True),
        ("train.py", "own", "tensorflow", "tensorflow", "line 1", True),
    ]


def test_scanning_again_reads_nothing_and_changes_nothing(warehouse, settings, repository):
    scan_paths(warehouse, settings, [repository])
    before = ask(warehouse, "select * exclude (as_of) from evidence order by all")
    summary = scan_paths(warehouse, settings, [repository])
    assert summary.known_count == summary.files_count == 3
    assert ask(warehouse, "select * exclude (as_of) from evidence order by all") == before


def test_content_that_moved_is_not_read_again(warehouse, settings, repository):
    scan_paths(warehouse, settings, [repository])
    moved = repository.with_name("moved")
    repository.rename(moved)
    assert scan_paths(warehouse, settings, [moved]).known_count == 3
    assert ask(warehouse, "select count(distinct subject_id) from evidence") == [(2,)]
    assert ask(warehouse, "select count(*) from core.evidence") == [(4,)]


def test_a_repository_seen_at_two_dates_tells_what_changed(warehouse, settings, repository):
    load_reference(warehouse, REFERENCE)
    scan_paths(warehouse, settings, [repository], observed_on=date(2018, 1, 1), subject="owner/name")
    (repository / "requirements.txt").write_text("torch\n")
    (repository / "train.py").write_text("import torch\n")
    scan_paths(warehouse, settings, [repository], observed_on=date(2020, 1, 1), subject="owner/name")
    found = ask(
        warehouse,
        "select subject_id, basis, from_on, to_on, change, frameworks_before, frameworks_after "
        "from migrations order by basis",
    )
    days = (date(2018, 1, 1), date(2020, 1, 1))
    assert found == [
        ("owner/name", "code", *days, "switched", "tensorflow", "pytorch"),
        ("owner/name", "mention", *days, "stayed", "tensorflow", "tensorflow"),
    ]


def test_history_is_scanned_under_old_and_new_rules(warehouse, settings, tmp_path):
    reference = tmp_path / "reference"
    shutil.copytree(REFERENCE, reference, ignore=shutil.ignore_patterns("rulesets"))
    old = read_rules(reference)
    freeze(old, reference)
    file = reference / "frameworks" / "tinygrad.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('names = ["tinygrad"]', 'names = ["tinygrad", "microflow"]'))
    paper = tmp_path / "paper.txt"
    paper.write_text("We use microflow and PyTorch.")
    rulesets = chosen_rulesets(reference, "all")
    scan_paths(warehouse, settings, [paper], rulesets=rulesets)
    new = read_rules(reference)
    assert ask(warehouse, "select ruleset_id, framework from evidence order by all") == sorted(
        [(old.ruleset_id, "pytorch"), (new.ruleset_id, "pytorch"), (new.ruleset_id, "tinygrad")]
    )
    assert chosen_rulesets(reference, old.ruleset_id) == [old]
    with pytest.raises(BadInput, match="No ruleset is called"):
        chosen_rulesets(reference, "rules-of-thumb")


def test_a_list_of_addresses_is_fetched_and_scanned(warehouse, settings, tmp_path):
    with FaultServer() as server:
        server.script("/paper.pdf", Answer(body=pdf([["We use JAX for training."]]), content_type="application/pdf"))
        server.script("/page", Answer(body=b"<p>We use MXNet</p>", content_type="text/html"))
        listed = tmp_path / "papers.txt"
        listed.write_text(f"# papers\n{server.address}/paper.pdf\n{server.address}/page\n{server.address}/gone\n")
        assert is_address_list(listed)
        summary = scan_paths(warehouse, settings, [listed])
    assert summary.outcomes == {"read": 2, "unreachable": 1}
    found = ask(warehouse, "select subject_id, framework, place from evidence order by all")
    assert found == [(f"{server.address}/page", "mxnet", "line 2"), (f"{server.address}/paper.pdf", "jax", "page 1")]


def test_a_text_that_holds_an_address_among_others_is_a_text(tmp_path):
    (tmp_path / "a.txt").write_text("https://pytorch.org\nWe use it.\n")
    assert not is_address_list(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("https://github.com/owner/name", "https://codeload.github.com/owner/name/zip/HEAD"),
        ("https://github.com/owner/name.git", "https://codeload.github.com/owner/name/zip/HEAD"),
        ("https://arxiv.org/abs/1912.01703", "https://arxiv.org/pdf/1912.01703"),
        ("https://example.org/a.pdf", "https://example.org/a.pdf"),
    ],
)
def test_the_file_behind_an_address(address, file):
    assert file_address(address) == file


def test_paths_of_one_name_are_told_apart(settings, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name / "repo").mkdir(parents=True)
        (tmp_path / name / "repo" / "setup.py").write_text("import torch")
    units = list(WhatToScan(paths=(tmp_path / "a" / "repo", tmp_path / "b" / "repo")).units(settings))
    assert len({unit.subject.subject_id for unit in units}) == 2
