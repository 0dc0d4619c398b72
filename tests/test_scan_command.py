"""`observatory scan` and `observatory audit` as people meet them."""

import csv
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from detector import pdf
from test_cli import assert_told, run


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    (folder / "code").mkdir(parents=True)
    (folder / "a.pdf").write_bytes(pdf([["We use PyTorch."]]))
    (folder / "b.pdf").write_bytes(pdf([["We use PyTorch."]], password="secret"))
    (folder / "code" / "setup.py").write_text("import jax\n")
    return folder


@pytest.mark.slow
def test_a_scan_tells_what_it_found_and_what_it_could_not_read(corpus, tmp_path):
    home = tmp_path / "home"
    ended = run("scan", str(corpus), "--workers", "1", home=home)
    assert ended.returncode == 0, ended.stderr
    assert "subjects 3, files 3 (read 2" in ended.stdout
    assert "(read 2, not read 1, known from before 0)" in ended.stdout
    assert "import: jax in 1" in ended.stdout
    assert "mention: pytorch in 1" in ended.stdout
    assert "Getting the text out of PDF files took" in ended.stdout
    assert "not read (encrypted): papers/b.pdf" in ended.stdout

    again = run("scan", str(corpus), "--workers", "1", "--format", "csv", home=home)
    rows = list(csv.DictReader(StringIO(again.stdout)))
    assert [(row["subject_id"], row["tier"], row["framework"], row["place"]) for row in rows] == [
        ("papers/a.pdf", "mention", "pytorch", "page 1"),
        ("papers/code", "import", "jax", "line 1"),
    ]
    asked = run(
        "query", "select outcome, count(*) from scanned_files group by all order by all", "--format", "csv", home=home
    )
    assert asked.stdout.splitlines()[1:] == ["encrypted,1", "read,2"]


def test_evidence_as_json_lines_under_a_name_and_day(corpus, prepared_home):
    ended = run(
        *("scan", str(corpus / "code"), "--subject", "owner/name", "--as-of", "2020-02-03", "--format", "jsonl"),
        home=prepared_home,
    )
    (row,) = [json.loads(line) for line in ended.stdout.splitlines()]
    assert (row["subject_id"], row["framework"], row["path"]) == ("owner/name", "jax", "setup.py")


@pytest.mark.slow
def test_what_cannot_be_scanned_is_one_sentence(corpus, tmp_path):
    for limit in ("0", "nan", "-1"):
        ended = run("scan", str(corpus), f"--time-limit={limit}", home=tmp_path)
        assert_told(ended, 2, f"--time-limit {limit} leaves no time", "give seconds above 0")
    assert_told(run("scan", home=tmp_path), 2, "Give something to scan")
    assert_told(run("scan", str(tmp_path / "nowhere"), home=tmp_path), 2, "nowhere", "does not exist")
    assert_told(run("scan", str(corpus), "--ruleset", "rules-of-thumb", home=tmp_path), 2, "No ruleset is called")
    assert_told(run("scan", str(corpus), str(corpus), "--subject", "x", home=tmp_path), 2, "One subject has one path")


@pytest.mark.slow
def test_the_audit_tells_scores_and_corrected_shares(tmp_path):
    labels = tmp_path / "mine.jsonl"
    labels.write_text('{"id": "a", "text": "We use PyTorch.", "labels": {"pytorch": "named"}}\n')
    shipped = run("audit", home=tmp_path / "home")
    assert shipped.returncode == 0, shipped.stderr
    assert "ICML 2019 papers, mention, pytorch (518 labels): precision 0.700" in shipped.stdout
    assert "recall 0.316 [0.248, 0.393]" in shipped.stdout
    assert "recall 0.260 [0.196, 0.337]" in shipped.stdout
    assert "corrected by PPI++" in shipped.stdout
    own = run("audit", str(labels), home=tmp_path / "home")
    assert own.returncode == 0, own.stderr
    assert "mine snippets, mention, pytorch (1 labels)" in own.stdout
    assert "ICML 2019" not in own.stdout
    assert_told(run("audit", str(tmp_path / "none.jsonl"), home=tmp_path / "home"), 2, "none.jsonl")


def test_a_scan_starts_without_what_only_the_page_and_the_benchmarks_need():
    told = subprocess.run(
        [sys.executable, "-c", "import sys, pipeline.jobs.scan; print(*sorted(sys.modules))"],
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = {name.partition(".")[0] for name in told.stdout.split()}
    assert not loaded & {"altair", "prefect", "requests_cache", "scipy", "statsmodels"}
    assert "pipeline.report.build" not in told.stdout
