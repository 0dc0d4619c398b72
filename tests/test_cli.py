"""The `observatory` command as people meet it: real processes, real files, no traceback."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.cli.app import run_command
from pipeline.settings import PROJECT_ROOT

OBSERVATORY = Path(sys.executable).with_name("observatory")
Run = Callable[..., subprocess.CompletedProcess[str]]


def run(*words: str, home: Path, **more: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OBSERVATORY_HOME": str(home), **more.pop("env", {})}
    return subprocess.run(
        [OBSERVATORY, *words], env=environment, capture_output=True, text=True, check=False, timeout=900, **more
    )


@pytest.fixture
def run_here(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the command without a process of its own, where a test has already seen one refuse the like."""

    def run_it(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
        monkeypatch.setenv("OBSERVATORY_HOME", str(home))
        capfd.readouterr()
        code = run_command(list(words))
        return subprocess.CompletedProcess(words, code, *capfd.readouterr())

    return run_it


def assert_told(ended: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """One sentence that holds the words, the exit code, and no traceback."""
    assert ended.returncode == code, ended.stderr
    assert all(word in ended.stderr for word in words), ended.stderr
    assert ended.stderr.strip().count("\n") == 0, ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout


def test_help_names_every_command_and_needs_no_engine(tmp_path: Path) -> None:
    ended = run("--help", home=tmp_path)
    assert ended.returncode == 0
    for command in (PROJECT_ROOT / "flows" / "cli" / "commands").glob("[!_]*.py"):
        assert command.stem in ended.stdout
    probe = (
        "import flows.cli.app, sys; flows.cli.app.make_app(); print({'prefect', 'duckdb', 'pandas'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=PROJECT_ROOT)
    assert found.stdout == "set()\n"


def test_a_terminal_that_lacks_a_letter_is_shown_it_escaped(tmp_path: Path) -> None:
    ended = run("label", "--help", home=tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert ended.returncode == 0, ended.stderr
    assert "\\u2026" in ended.stdout
    assert ended.stdout.isascii()


def test_a_command_that_is_none_and_an_option_that_is_none(tmp_path: Path, run_here: Run) -> None:
    assert_told(run("cook", home=tmp_path), 2, "cook", "observatory --help")
    assert_told(run_here("run", "--fast", home=tmp_path), 2, "--fast")
    assert_told(run_here("query", home=tmp_path), 2, "SQL")


def test_before_the_first_run_each_reader_says_so(tmp_path: Path, run_here: Run) -> None:
    assert_told(run("query", "from adoption", home=tmp_path), 2, "nothing is published", "observatory run")
    assert_told(run_here("report", home=tmp_path), 2, "nothing is published", "observatory run")
    shown = run_here("sources", home=tmp_path)
    assert shown.returncode == 0
    assert "mlperf_training" in shown.stdout
    assert "Nothing is loaded yet" in shown.stdout


def test_an_unknown_source_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    from pipeline.sources.registry import SOURCES

    assert_told(run("collect", "nowhere", home=tmp_path), 2, "nowhere", *(source.name for source in SOURCES))


@pytest.mark.slow
def test_a_wrong_schedule(tmp_path: Path) -> None:
    assert_told(run("serve", "--cron", "every night", home=tmp_path), 2, "every night", "0 3 * * *")


@pytest.mark.slow
@pytest.mark.parametrize("words", ["run", "run --no-bench", "run --scheduled --offline", "serve --offline"])
def test_a_cluster_on_which_nothing_would_be_read_is_refused(words: str, tmp_path: Path, run_here: Run) -> None:
    ended = run_here(*words.split(), "--cluster", "tcp://127.0.0.1:8786", home=tmp_path)
    assert_told(ended, 2, "--cluster", "--scheduled", "--offline")
    assert not list(tmp_path.iterdir())


def test_what_the_benchmarks_cannot_check_is_said(tmp_path: Path, run_here: Run) -> None:
    assert_told(run_here("bench", "certify", "--comparisons", "0", home=tmp_path), 2, "0 comparisons certify nothing")


def test_a_budget_in_which_nothing_can_be_measured_is_refused(tmp_path: Path, run_here: Run) -> None:
    for runs, seconds in ((run, "0"), (run_here, "-1"), (run_here, "nan")):
        assert_told(runs("bench", "--quick", "--budget", seconds, home=tmp_path), 2, "--budget", seconds, "above 0")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_command_that_stands_alone_starts_no_server_and_imports_no_prefect(tmp_path: Path) -> None:
    (tmp_path / "paper.txt").write_text("We use PyTorch.")
    words = [
        ["doctor"],
        ["archive", "build", "--from", str(tmp_path / "no")],
        ["scan", str(tmp_path / "paper.txt"), "--workers", "1"],
        ["audit"],
        ["collect", "pypi", "--replay"],
        ["bench", "--quick", "--budget", "0.001", "--case", "matmul", "--framework", "numpy"],
        ["bench", "compare"],
        ["bench", "export", str(tmp_path / "here.json")],
        ["query", "from adoption limit 1", "--format", "csv"],
        ["sources"],
        ["report"],
    ]
    script = (
        "import json, sys; sys.modules['prefect'] = None\n"
        "from flows.cli.app import run_command\n"
        "print([run_command(each) for each in json.loads(sys.argv[1])], file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, json.dumps(words)],
        env={**os.environ, "OBSERVATORY_HOME": str(tmp_path / "home")},
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    codes = json.loads(ended.stderr.splitlines()[-1])
    assert 70 not in codes, ended.stderr
    assert [codes[place] for place in (0, 2, 3, 8, 9, 10)] == [0] * 6, ended.stderr
    assert not (tmp_path / "home" / "data" / "prefect").exists()


def test_a_python_that_does_not_run_is_one_clear_sentence_of_the_set_up(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(PROJECT_ROOT / ".ci" / "setup", tmp_path / ".ci" / "setup")
    ended = subprocess.run(
        [tmp_path / ".ci" / "setup"],
        env={**os.environ, "PYTHON": "python-of-nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "python-of-nowhere" in ended.stderr
    assert "command not found" not in ended.stderr
    assert ended.stderr.strip().splitlines()[-1].startswith("Install one")


def test_an_archive_from_nowhere_leaves_the_shipped_one(tmp_path: Path, run_here: Run) -> None:
    manifest = PROJECT_ROOT / "data" / "archive" / "manifest.toml"
    before = manifest.read_bytes()
    assert_told(run("archive", "build", "--from", str(tmp_path / "no"), home=tmp_path), 2, "is no folder")
    assert_told(run_here("archive", "build", "--from", str(tmp_path), home=tmp_path), 2, "is missing")
    assert manifest.read_bytes() == before


@pytest.mark.parametrize("command", [["run", "--offline", "--no-bench"], ["bench", "--quick"]])
def test_a_home_that_cannot_be_written_is_named_with_the_remedy(command: list[str], tmp_path: Path) -> None:
    # A file where the folder is due refuses everybody, also who may write everywhere.
    (tmp_path / "data").write_text("")
    assert_told(run(*command, home=tmp_path), 2, str(tmp_path / "data"), "cannot be written", "OBSERVATORY_HOME")


@pytest.mark.parametrize("command", ["run", "sources", "query", "releases", "doctor", "serve"])
def test_a_home_that_is_or_lies_below_a_file_is_refused_by_every_command(
    command: str, tmp_path: Path, run_here: Run
) -> None:
    (file := tmp_path / "file").write_text("")
    for home in (file, file / "below"):
        words = [command, "from adoption"] if command == "query" else [command]
        assert_told(run_here(*words, home=home), 2, "OBSERVATORY_HOME", f"{file} is no folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="whoever runs this may write everywhere")
def test_a_read_only_home_is_named_with_the_remedy(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    ended = run("run", "--offline", "--no-bench", home=tmp_path)
    tmp_path.chmod(0o700)
    assert_told(ended, 2, str(tmp_path), "cannot be written", "OBSERVATORY_HOME")


def test_a_closed_pipe_is_no_error_to_talk_about(tmp_path: Path, run_here: Run) -> None:
    ended = run_here("doctor", home=tmp_path)
    assert "archive" in ended.stdout
    reader, writer = os.pipe()
    os.close(reader)
    child = subprocess.run(
        [OBSERVATORY, "doctor"],
        env={**os.environ, "OBSERVATORY_HOME": str(tmp_path)},
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (child.returncode, child.stderr) == (141, "")


def test_doctor_ends_with_1_where_something_keeps_the_job_from_running(tmp_path: Path, run_here: Run) -> None:
    assert run_here("doctor", home=tmp_path).returncode == 0
    (tmp_path / "reports").rmdir()
    (tmp_path / "reports").write_text("a file where the folder should be")
    ended = run("doctor", home=tmp_path)
    assert ended.returncode == 1
    assert "OBSERVATORY_HOME" in ended.stdout
    assert ended.stderr == ""


# The whole job, through the command


@pytest.fixture(scope="module")
def copied_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project whose shipped figures a test may damage."""
    copy = tmp_path_factory.mktemp("project")
    for name in ("pipeline", "flows", "data/reference", "data/archive", "pyproject.toml"):
        source = PROJECT_ROOT / name
        target = copy / name
        target.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return copy


@pytest.mark.prefect
@pytest.mark.slow
def test_a_run_with_a_corrupted_row_fails_by_name_shows_the_rest_and_is_mended_by_the_next(
    copied_project: Path,
) -> None:
    home = copied_project / "a home with spaces"
    file = next((copied_project / "data" / "archive").glob("mlperf_training.csv"))
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b"pytorch", b"pytorch,extra", 1))
    job = ("run", "--offline", "--no-bench")
    elsewhere = {"env": {"PYTHONPATH": str(copied_project)}, "cwd": copied_project.parent}

    ended = run(*job, home=home, **elsewhere)
    assert ended.returncode == 1, ended.stderr
    assert file.name in ended.stdout
    assert "restore" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr
    page = home / "reports" / "index.html"
    assert file.name in page.read_text(encoding="utf-8")
    counted = (
        "query",
        "select state, records from source_health where source_id = 'mlperf_training'",
        "--format",
        "csv",
    )
    assert run(*counted, home=home, **elsewhere).stdout == "state,records\nfailed,0\n"
    others = run("query", "select count(*) as n from adoption", "--format", "csv", home=home, **elsewhere)
    assert int(others.stdout.split()[1]) > 100

    file.write_bytes(whole)
    ended = run(*job, home=home, **elsewhere)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert str(page) in ended.stdout
    assert ended.stderr == ""
    assert run(*counted, home=home, **elsewhere).stdout.startswith("state,records\narchived,")


@pytest.mark.prefect
@pytest.mark.slow
def test_a_relative_home_and_a_read_only_user_folder(tmp_path: Path) -> None:
    (tmp_path / "nobody").write_text("a file where the user's folder should be")
    ended = run(
        "run", "--offline", "--no-bench", home=Path("here"), cwd=tmp_path, env={"HOME": str(tmp_path / "nobody")}
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (tmp_path / "here" / "reports" / "index.html").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "nobody"]
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == ["data", "reports"]
