"""The units of counting: those that are found, those that a list gives, and what is known of them beforehand."""

import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from detector import pdf, rules
from test_cli import assert_told, run

from pipeline.detect.files.subjects import arxiv_year, repository_link
from pipeline.errors import BadInput
from pipeline.jobs.scan import local_scanner, scan_into
from pipeline.jobs.scan_subjects import WhatToScan
from pipeline.settings import Settings

CODE = "import torch\n"
PAPER = "\\documentclass{article}\\input{sections/intro}\\include{method}\\bibliography{refs}"


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def subjects(path: Path, **given) -> dict[str, tuple[str, int | None]]:
    units = WhatToScan(paths=(path,), **given).units(Settings(), is_dry=True)
    return {
        unit.subject.subject_id: (unit.subject.kind, unit.subject.year)
        for unit in units
        if unit.subject.kind != "folder"
    }


def latex(prefix=""):
    files = {
        "main.tex": PAPER,
        "sections/intro.tex": "We use \\input{deeper}",
        "method.tex": "JAX",
        "refs.bib": "@a{b}",
    }
    return {f"{prefix}{name}": text for name, text in {**files, "sections/deeper.tex": "PyTorch"}.items()}


def test_a_folder_of_one_latex_paper_is_one_subject(tmp_path):
    written(tmp_path / "corpus", {**latex("1912.01703/"), **latex("other/"), "other/figure.pdf": pdf([["x"]])})
    assert subjects(tmp_path / "corpus") == {"corpus/1912.01703": ("paper", 2019), "corpus/other": ("paper", None)}


def test_a_latex_root_beside_other_papers_is_one_subject_with_what_it_takes_in(tmp_path):
    papers = {f"{number}.pdf": pdf([["x"]]) for number in range(3)}
    folder = written(tmp_path / "corpus", {**latex(), **papers, "second.tex": "\\documentclass{article} Keras"})
    names = ("0.pdf", "1.pdf", "2.pdf", "main.tex", "second.tex")
    assert subjects(folder) == {f"corpus/{name}": ("paper", None) for name in names}
    units = [
        unit for unit in WhatToScan(paths=(folder,)).units(Settings()) if unit.subject.subject_id == "corpus/main.tex"
    ]
    members = {file.path for unit in units for file in unit.members}
    assert members == {"main.tex", "sections/intro.tex", "sections/deeper.tex", "method.tex", "refs.bib"}


@pytest.mark.parametrize(
    "files",
    [
        {"README.md": "x", "src/train.py": CODE, "data/prep.py": CODE},
        {"LICENSE": "x", "src/train.py": CODE, "paper.pdf": pdf([["x"]])},
        {"DESCRIPTION": "x", "R/a.R": "library(torch)"},
        {"package.json": "{}", "index.js": "x"},
        {"Cargo.toml": "x", "src/main.rs": "x"},
        {"pyproject.toml": "x", "docs/a.md": "x"},
        {"train.py": CODE},
        {"src/train.py": CODE, "scripts/prep.py": CODE},
        {"README.md": "x", "train.py": CODE, **{f"figure{number}.pdf": pdf([["x"]]) for number in range(4)}},
    ],
)
def test_a_repository_is_found_without_its_version_control(tmp_path, files):
    written(tmp_path / "clones" / "one", files)
    written(tmp_path / "clones" / "two", {"README.md": "x", "a.py": CODE})
    expected = {"clones/one": ("repository", None), "clones/two": ("repository", None)}
    assert subjects(tmp_path / "clones") == expected


def test_twelve_papers_beside_a_version_control_are_twelve_subjects(tmp_path):
    papers = {f"21{number:02}.00001v1.pdf": pdf([["x"]]) for number in range(1, 13)}
    folder = written(tmp_path / "papers", {**papers, ".git/config": "x", "README.md": "list", "download.py": CODE})
    assert subjects(folder) == {
        **{f"papers/{name}": ("paper", 2021) for name in papers},
        "papers/download.py": ("repository", None),
    }


def test_clones_below_a_readme_are_subjects_each(tmp_path):
    one = {"README.md": "x", "LICENSE": "x", "a.py": CODE}
    folder = written(tmp_path / "all", {f"{name}/{file}": text for name in "abc" for file, text in one.items()})
    (folder / "README.md").write_text("clones")
    assert set(subjects(folder)) == {"all/a", "all/b", "all/c"}


def test_archives_are_papers_or_repositories_by_what_they_hold(tmp_path):
    folder = tmp_path / "corpus"
    folder.mkdir()
    with tarfile.open(folder / "2101.00001", "w:gz") as archive:
        member = tarfile.TarInfo("main.tex")
        member.size = len(PAPER)
        archive.addfile(member, BytesIO(PAPER.encode()))
    with zipfile.ZipFile(folder / "code.zip", "w") as archive:
        archive.writestr("a/setup.py", CODE)
    assert subjects(folder) == {"corpus/2101.00001": ("paper", 2021), "corpus/code.zip": ("repository", None)}


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("2101.00001v1", 2021),
        ("arxiv-0704.0001.pdf", 2007),
        ("hep-th9901001.gz", 1999),
        ("cs_0112017", 2001),
        ("9913.00001", None),
        ("10.1109.12345", None),
        ("paper-v2101", None),
    ],
)
def test_the_year_of_an_arxiv_id(name, year):
    assert arxiv_year(name) == year


def test_a_repository_is_called_alike_whatever_its_address(tmp_path):
    for address in (
        "https://github.com/Owner/Name",
        "git@github.com:owner/name.git",
        "http://www.github.com/owner/name/",
    ):
        assert repository_link(address) == "github.com/owner/name"
    assert repository_link("https://example.org/a/b") is None


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    clone = {"clone/.git/config": '[remote "origin"]\n\turl = git@github.com:Owner/Name.git\n', "clone/train.py": CODE}
    return written(
        tmp_path / "corpus",
        {
            "2101.00001.pdf": pdf([["We use PyTorch."]]),
            "mine.pdf": pdf([["We use JAX, see github.com/other/code for it."]]),
            "more/a.txt": "We use Keras.",
            "more/b.txt": "We use MXNet.",
            "code/setup.py": "import jax\n",
            **clone,
            "list.csv": "path,pattern,subject,year,venue,repository link\n"
            "2101.00001.pdf,,first,2020,CVPR,https://github.com/owner/name\n"
            ",more/*.txt,both,2018,ICML,\n"
            "code,,other/code,,,\n"
            "gone.pdf,,gone,2017,CVPR,\n",
        },
    )


SHOWN = "subject_id, kind, year, year_origin, venue, repository_subject, repository_origin, is_read"


def test_a_list_gives_subjects_years_venues_and_repositories(warehouse, corpus):
    what = WhatToScan(paths=(corpus,), subjects_file=corpus / "list.csv")
    summary = scan_into(warehouse, lambda: what.units(Settings()), [rules()], local_scanner(1, 60))
    assert summary.outcomes["unreachable"] == 1
    found = warehouse.execute(f"select {SHOWN} from scanned_subjects order by subject_id").fetchall()
    assert found == [
        ("both", "paper", 2018, "metadata", "ICML", None, None, True),
        ("corpus/clone", "repository", None, None, None, None, None, True),
        ("corpus/mine.pdf", "paper", None, None, None, "other/code", "text", True),
        ("first", "paper", 2020, "metadata", "CVPR", "corpus/clone", "metadata", True),
        ("gone", "paper", 2017, "metadata", "CVPR", None, None, False),
        ("other/code", "repository", None, None, None, None, None, True),
    ]
    named = "select subject_id, framework from evidence where subject_id = 'both' order by all"
    assert warehouse.execute(named).fetchall() == [("both", "keras"), ("both", "mxnet")]


def test_the_year_of_a_pdf_is_that_of_its_date_where_nothing_else_tells_it(warehouse, tmp_path):
    body = pdf([["We use PyTorch."]])
    dated = pdf([["We use PyTorch."]], made="D:20170304120000+01'00'")
    folder = written(tmp_path / "papers", {"dated.pdf": dated, "2101.00001.pdf": dated, "undated.pdf": body})
    what = WhatToScan(paths=(folder,))
    for _ in range(2):  # the second time the content is known, and its year with it
        scan_into(warehouse, lambda: what.units(Settings()), [rules()], local_scanner(1, 60))
        found = warehouse.execute("select subject_id, year, year_origin from scanned_subjects order by all").fetchall()
        assert found == [
            ("papers/2101.00001.pdf", 2021, "arxiv-id"),
            ("papers/dated.pdf", 2017, "pdf-date"),
            ("papers/undated.pdf", None, None),
        ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("subject,year\na,2020\n", "no column path, pattern or repository"),
        ("path,year\na.pdf,20x0\n", "line 2: 20x0 is no year"),
    ],
)
def test_a_list_that_cannot_be_read_is_one_sentence(tmp_path, text, told):
    (tmp_path / "list.csv").write_text(text)
    with pytest.raises(BadInput, match=told):
        list(WhatToScan(subjects_file=tmp_path / "list.csv").units(Settings()))


def test_the_subjects_are_shown_before_anything_is_scanned(corpus, tmp_path):
    home = tmp_path / "home"
    ended = run("scan", str(corpus), "--subjects", str(corpus / "list.csv"), "--dry-run", home=home)
    assert ended.returncode == 0, ended.stderr
    lines = {line.split()[0]: line.split() for line in ended.stdout.splitlines() if line.strip()}
    assert lines["first"][:7] == ["first", "paper", "1", "2020", "metadata", "CVPR", "github.com/owner/name"]
    assert lines["both"][:3] == ["both", "paper", "2"]
    assert "Subjects: 6 (papers 4, repositories 2)" in ended.stdout
    assert not home.exists()
    assert_told(run("scan", "--subjects", str(tmp_path / "none.csv"), home=home), 2, "none.csv", "cannot be read")
