"""`observatory bench` as a process of its own: Ctrl-C, and each way in which a framework can go wrong."""

import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from fault_server import wait_until

from pipeline.settings import PROJECT_ROOT, Settings

TESTS = Path(__file__).parent
CHILD = TESTS / "bench_command_child.py"
ENDLESS = {"rounds_count": 100_000, "launches_count": 1}
BRIEF = {"rounds_count": 2, "launches_count": 1}


@contextmanager
def command(home, frameworks, *words, before=None):
    """The command running on these fakes; killed with the block if it has not ended."""
    process = subprocess.Popen(
        [sys.executable, CHILD, json.dumps(frameworks), *words],
        env={
            **os.environ,
            "OBSERVATORY_HOME": str(home),
            "PYTHONPATH": os.pathsep.join((str(TESTS), str(PROJECT_ROOT))),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,  # noqa: PLW1509 — no thread runs here
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process):
    """Return exit code, output and errors of a command that ends by itself."""
    output, errors = process.communicate(timeout=900)
    assert "Traceback" not in output + errors
    return process.returncode, output, errors


def published(home, sql):
    with duckdb.connect(str(Settings(home=home).published_file.resolve()), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def logged(home):
    return [line for path in (home / "data" / "logs").glob("*-run.log") for line in path.read_text().splitlines()]


def await_log(running, home, words, times=1):
    """Wait until so many lines of the log hold the words, however slow the machine is; not for one that has ended."""
    wait_until(lambda: running.poll() is not None or sum(words in line for line in logged(home)) >= times, seconds=600)
    assert running.poll() is None, running.communicate()


def outcomes(home):
    """Each variant's outcome in the first launch, which is the last row of it."""
    asked = "select framework, case_name, mode, outcome from benchmark_outcomes where size = 'small'"
    found = published(home, f"{asked} order by launch_index desc")
    return {(framework, case, mode): outcome for framework, case, mode, outcome in found}


@pytest.mark.slow
def test_ctrl_c_leaves_what_was_measured_stored_and_published_and_tells_the_rest(tmp_path):
    frameworks = {"pytorch": "Steady", "tensorflow": "Steady", "options": ENDLESS}
    with command(tmp_path, frameworks, "bench", "--full", "--case", "matmul", "--case", "mlp_inference") as running:
        await_log(running, tmp_path, "round 5 of")
        running.send_signal(signal.SIGINT)
        code, _, errors = ended(running)
    assert code == 130
    assert errors.startswith("The benchmarks were interrupted: ")
    assert errors.count("\n") == 1
    assert published(tmp_path, "select count(*) from benchmark_samples")[0][0] >= 4
    found = outcomes(tmp_path)
    assert found["tensorflow", "matmul", "eager"] == "measured"
    # A full run goes case by case; the second had not begun.
    assert found["tensorflow", "mlp_inference", "eager"] == "not run: interrupted"
    assert published(tmp_path, "select count(*) from performance where ratio is not null")[0][0] >= 1
    assert published(tmp_path, "select outcome from run_history") == [("with gaps",)]


@pytest.mark.slow
def test_the_systems_word_to_end_while_special_measurements_are_taken_tells_which_are_missing(tmp_path):
    frameworks = {"pytorch": "Steady", "tensorflow": "Steady", "options": BRIEF}
    with command(tmp_path, frameworks, "bench", "--case", "matmul", "--special", "dispatch") as running:
        await_log(running, tmp_path, "Dispatch overhead")
        running.send_signal(signal.SIGTERM)
        code, _, _ = ended(running)
    assert code == 130
    assert "not run: interrupted" in {row[0] for row in published(tmp_path, "select outcome from special_measurements")}
    assert set(outcomes(tmp_path).values()) == {"measured"}


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_certificate_that_is_cut_short_keeps_the_comparisons_that_were_finished(tmp_path, number):
    frameworks = {"pytorch": "Steady", "options": {"rounds_count": 3, "launches_count": 2}}
    with command(tmp_path, frameworks, "bench", "certify", "--comparisons", "100000") as running:
        await_log(running, tmp_path, "all rounds are done", times=2)
        running.send_signal(number)
        code, _, errors = ended(running)
    assert code == 130
    assert errors == (
        "The certificate was interrupted: the comparisons that were finished are kept; run it again for the rest.\n"
    )
    assert published(tmp_path, "select count(*) from self_comparisons")[0][0] >= 1


@pytest.mark.slow
@pytest.mark.prefect
def test_ctrl_c_in_the_whole_job_ends_the_benchmarks_and_the_page_is_still_made(tmp_path):
    with command(tmp_path, {"pytorch": "Steady", "options": ENDLESS}, "run", "--offline") as running:
        await_log(running, tmp_path, "round 1 of")
        running.send_signal(signal.SIGINT)
        code, output, errors = ended(running)
    assert code == 130, errors
    assert "The benchmarks were interrupted: " in output
    assert str(Settings(home=tmp_path).page_file) in output
    assert published(tmp_path, "select count(*) from benchmark_samples")[0][0] >= 1
    assert published(tmp_path, "select count(*) from adoption")[0][0] > 100


BAD = {
    "absent": ("Absent", "missing"),
    "killed": ("KilledLater", "crashed"),
    "greedy": ("Greedy", "out of memory"),
    "hanging": ("Hanging", "timed out"),
    "lying": ("Lying", "outputs differ"),
    "raising": ("Raising", "failed"),
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what a process really writes to")
def test_whatever_goes_wrong_is_recorded_ends_with_1_and_harms_no_other(tmp_path):
    frameworks = {"pytorch": "Steady", **{name: kind for name, (kind, _) in BAD.items()}}
    frameworks["options"] = BRIEF
    with command(tmp_path, frameworks, "bench", "--case", "matmul") as running:
        code, _, errors = ended(running)
    assert code == 1
    assert errors.count("\n") == 1
    assert "and 7 more" in errors
    assert "from benchmark_outcomes" in errors
    found = outcomes(tmp_path)
    for name, (_, outcome) in BAD.items():
        assert found[name, "matmul", "compiled"] == outcome
        if name not in {"absent", "lying"}:
            assert found[name, "matmul", "eager"] == "measured", name
    assert {found["pytorch", "matmul", mode] for mode in ("eager", "compiled")} == {"measured"}
    messages = dict(
        published(tmp_path, "select framework, max(message) from performance where message is not null group by all")
    )
    assert set(messages) == set(BAD), "each says why"
    assert published(tmp_path, "select outcome from run_history") == [("with gaps",)]


@pytest.mark.slow
def test_what_is_missing_is_an_error_only_where_it_was_asked_for_by_name(tmp_path):
    frameworks = {"pytorch": "Steady", "jax": "Absent", "options": BRIEF}
    with command(tmp_path, frameworks, "bench", "--case", "matmul") as running:
        assert ended(running)[0] == 0
    with command(tmp_path, frameworks, "bench", "--case", "matmul", "--framework", "jax") as running:
        code, _, errors = ended(running)
    assert (code, errors.count("\n")) == (1, 1)
    assert "jax is not installed; `pip install a_framework_that_nobody_has` brings it" in errors


def on_a_disk_of(size, folder, words):
    """Words that run a command with a small disk of its own at `folder`; skips where that cannot be had."""
    folder.mkdir()
    mount = f"mount -t tmpfs -o size={size} tmpfs '{folder}' && exec \"$@\""
    alone = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, "sh"]
    try:
        subprocess.run([*alone, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system gives nobody a disk of their own")
    return [*alone, *words]


def limited_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))


@pytest.mark.parametrize("kind", ["full disk", pytest.param("limit on each file", marks=pytest.mark.slow)])
def test_without_space_what_fits_is_measured_and_the_rest_says_why(tmp_path, kind):
    """The large product's outputs have 2.3 MB; everything else fits."""
    words = [sys.executable, TESTS / "bench_full_disk.py", tmp_path / "cache"]
    is_disk = kind == "full disk"
    ran = subprocess.run(
        on_a_disk_of("300k", tmp_path / "cache", words) if is_disk else words,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(TESTS), str(PROJECT_ROOT)))},
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=None if is_disk else limited_files,
    )
    found = {tuple(row[:3]): row[3:] for row in json.loads(ran.stdout)}
    assert len(found) == 8
    for (case, size, _), (outcome, message) in found.items():
        if (case, size) == ("matmul", "large"):
            assert outcome == "no space left"
            assert ("No space left on device" if is_disk else "File too large") in message
        else:
            assert (outcome, message) == ("measured", None)


@pytest.mark.slow
def test_a_home_without_space_is_told_in_one_sentence(tmp_path):
    chosen = json.dumps({"pytorch": "Steady", "options": BRIEF})
    words = [sys.executable, CHILD, chosen, "bench", "--case", "matmul"]
    ran = subprocess.run(
        on_a_disk_of("600k", tmp_path / "home", words),
        env={
            **os.environ,
            "OBSERVATORY_HOME": str(tmp_path / "home"),
            "PYTHONPATH": os.pathsep.join((str(TESTS), str(PROJECT_ROOT))),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2, ran.stderr
    assert ran.stderr.count("\n") == 1
    assert "OBSERVATORY_HOME" in ran.stderr
