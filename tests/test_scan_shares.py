"""The way out of a scan: from a list of papers and repositories to shares per year, and what clones were before."""

import csv
import os
import subprocess
from pathlib import Path

import pytest
from detector import pdf, rules
from test_cli import assert_told, run

from pipeline.jobs.scan import local_scanner, scan_into
from pipeline.jobs.scan_subjects import WhatToScan
from pipeline.settings import Settings
from pipeline.warehouse.reference import load_reference


def paper(sentence: str) -> str:
    return f"\\documentclass{{article}}\n\\begin{{document}}\nWe study learning. {sentence}\n\\end{{document}}\n"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A CSV file of papers as LaTeX and PDF, their repositories, one link that nobody fetched, one encrypted paper."""
    corpus = tmp_path / "corpus"
    sentences = {"alpha": "All models are written in PyTorch.", "beta": "", "gamma": "Training ran in TensorFlow."}
    for name, sentence in sentences.items():
        (corpus / name).mkdir(parents=True)
        (corpus / name / "main.tex").write_text(paper(sentence))
    (corpus / "delta.pdf").write_bytes(pdf([["Implemented in PyTorch."]]))
    (corpus / "epsilon.pdf").write_bytes(pdf([["Implemented in PyTorch."]], password="secret"))
    for name, code in {"alpha-code": "import torch\n", "beta-code": "import jax\nimport flax\n"}.items():
        (corpus / name).mkdir()
        (corpus / name / "README.md").write_text("Code of the paper.\n")
        (corpus / name / "train.py").write_text(code)
    rows = [
        ("alpha", "2020", "github.com/o/alpha"),
        ("beta", "2020", "github.com/o/beta"),
        ("gamma", "2021", "github.com/o/gamma"),
        ("delta.pdf", "2021", ""),
        ("epsilon.pdf", "2021", ""),
        ("alpha-code", "2020", "github.com/o/alpha"),
        ("beta-code", "2020", "github.com/o/beta"),
        ("", "2021", "github.com/o/gamma"),
    ]
    path = tmp_path / "metadata.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("path", "year", "repository"), *rows])
    return path


def shares_in(told: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    """The lines of the table by population, tier, framework and year, of any role."""
    lines = told.splitlines()
    head = next(line for line in lines if line.startswith("population"))
    columns = ["population", "tier", "role", "framework", "year", "share", "95 %", "corrected", "n of base", "bounds"]
    starts = [head.index(name) for name in columns]
    return {
        (line.split("  ")[0].strip(), *line[starts[1] :].split()[:1], line[starts[3] :].split()[0], year): line
        for line in lines[lines.index(head) + 1 :]
        for year in line.split()
        if year in {"2020", "2021", "all"} and line[starts[2] :].startswith("any")
    }


def test_a_list_of_papers_and_repositories_ends_in_shares_per_year_in_one_command(listed, tmp_path, prepared_home):
    home = prepared_home
    ended = run(
        *("scan", str(tmp_path / "corpus"), "--subjects", str(listed), "--share", "--workers", "1"),
        home=home,
        env={"HTTPS_PROXY": "http://127.0.0.1:9", "OBSERVATORY_WAIT_LIMIT_SECONDS": "0"},
    )
    assert ended.returncode == 0, ended.stderr
    shares = shares_in(ended.stdout)
    assert "50.0 %" in shares["papers", "mention", "pytorch", "2020"]
    assert "1 of 2" in shares["papers", "mention", "pytorch", "2021"]
    assert shares["papers", "mention", "pytorch", "2021"].split()[-1] == "1", "the encrypted paper did not respond"
    assert "33.3 to 66.7" in shares["papers", "mention", "pytorch", "2021"]
    assert "1 of 2" in shares["papers with code", "import", "jax", "2020"]
    assert "0 of 0" in shares["papers with code", "import", "jax", "2021"], "its link was not fetched"
    assert "not read (unreachable): https://github.com/o/gamma" in ended.stdout
    sql = (
        "select population, framework, n, base, unread_count from scanned_shares where tier = 'import' and is_all_years"
    )
    used = [line for line in ended.stdout.splitlines() if " used " in line and " 2020 " in line]
    assert [line.split()[:4] for line in used] == [["papers", "mention", "used", "pytorch"]]
    assert "1 of 2" in shares["papers with code", "own", "pytorch", "2020"]
    asked = run("query", sql, "--format", "csv", home=home)
    assert "papers with code,jax,1,2,1" in asked.stdout.splitlines()


def test_the_shares_that_a_scan_shows_are_those_of_the_five_most_frequent_frameworks(tmp_path, warehouse):
    names = ["torch", "jax", "tensorflow", "keras", "mxnet", "chainer", "theano"]
    for number in range(len(names)):
        (tmp_path / f"r{number}").mkdir()
        (tmp_path / f"r{number}" / "train.py").write_text("".join(f"import {name}\n" for name in names[number:]))
    load_reference(warehouse, Settings().reference_folder)
    what = WhatToScan(paths=tuple(tmp_path / f"r{number}" for number in range(len(names))))
    summary = scan_into(warehouse, lambda: what.units(Settings()), [rules()], local_scanner(1))
    asked = "select framework from scanned_shares_shown($scanned_at, $rulesets) where tier = 'import' and year = 'all'"
    shown = [framework for (framework,) in warehouse.execute(asked, summary.values).fetchall()]
    assert shown == ["theano", "chainer", "mxnet", "keras", "tensorflow"]


def commit(folder: Path, year: int, files: dict[str, str | None]) -> None:
    for name, text in files.items():
        (folder / name).unlink(missing_ok=True)
        if text is not None:
            (folder / name).write_text(text)
    moment = f"{year}-06-01T12:00:00Z"
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    environment = {**os.environ, "GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    for words in (["add", "-A"], [*who, "commit", "-q", "-m", str(year)]):
        subprocess.run(["git", "-C", folder, *words], check=True, env=environment)


@pytest.mark.slow
def test_the_years_of_a_clone_tell_what_it_was_written_in(tmp_path):
    clone, plain, home = tmp_path / "corpora" / "model", tmp_path / "corpora" / "unpacked", tmp_path / "home"
    clone.mkdir(parents=True)
    plain.mkdir()
    (plain / "README.md").write_text("No clone.\n")
    (plain / "setup.py").write_text("import torch\n")
    subprocess.run(["git", "init", "-q", clone], check=True)
    commit(clone, 2018, {"train.py": "import tensorflow as tf\n", ".gitattributes": "train.py export-ignore\n"})
    commit(clone, 2020, {"train.py": "import tensorflow as tf\nimport torch\n"})
    commit(clone, 2020, {"train.py": "import torch\n", "picture.png": "\x00"})
    commit(clone, 2023, {"train.py": "import torch\n", "flow.py": "import jax\n"})
    trap = tmp_path / "trap"
    with (clone / ".git" / "config").open("a") as config:
        config.write(f'[core]\n\tfsmonitor = "touch {trap}"\n[log]\n\tshowSignature = true\n')
    ended = run("scan", str(clone.parent), "--history", "yearly", "--workers", "1", home=home)
    assert ended.returncode == 0, ended.stderr
    assert "1 clones; 1 of them were seen as of several days, 3 steps in all; 1 other repositories" in ended.stdout
    assert "corpora/model, code, 2018-12-31 to 2020-12-31: switched, tensorflow to pytorch" in ended.stdout
    assert "corpora/model, code, 2020-12-31 to 2023-12-31: added, pytorch to jax|pytorch" in ended.stdout
    assert not trap.exists(), "nothing that a repository's configuration names is run"
    asked = run(
        "query",
        "select change, count(*) from migrations where basis = 'code' group by all order by all",
        "--format",
        "csv",
        home=home,
    )
    assert asked.stdout.splitlines()[1:] == ["added,1", "stayed,1", "switched,1"]
    assert_told(
        run("scan", str(clone), "--history", "yearly", "--cluster", "tcp://127.0.0.1:1", home=home), 2, "--cluster"
    )
