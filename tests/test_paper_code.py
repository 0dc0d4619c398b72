"""The live sample of paper code, against a host that serves real archives and misbehaves."""

import io
import os
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from fault_server import Answer, Asked, FaultServer
from paper_code_child import NOW, night, night_of_its_own, papers, settings_of

from pipeline.jobs import paper_code
from pipeline.jobs.collect import collect_and_publish
from pipeline.jobs.context import JobContext
from pipeline.metrics.read import read_view
from pipeline.settings import Settings
from pipeline.sources.paper_code import SERVICE
from pipeline.warehouse.reference import load_reference

CHILD = Path(__file__).with_name("paper_code_child.py")
COMMIT = "ab" * 20
TORCH = b"import torch\n\nclass Net(torch.nn.Module):\n    pass\n\noptimizer = torch.optim.Adam(Net().parameters())\n"
FLOW = b"import os\nimport tensorflow as tf\n\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\n"
README = {"README.md": b"Code comes soon. It needs torch."}


def zipped(files, *, comment=COMMIT):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(f"repo-{COMMIT}/{name}")  # the same day at every asking
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
        archive.comment = comment.encode()
    return Answer(buffer.getvalue(), content_type="application/zip")


def tarred(files, links=()):
    buffer = io.BytesIO()
    with tarfile.open(
        fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT, pax_headers={"comment": COMMIT}
    ) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"repo-{COMMIT}/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, target in links:
            member = tarfile.TarInfo(f"repo-{COMMIT}/{name}")
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return Answer(buffer.getvalue(), content_type="application/x-gzip")


def moved_to(address):
    return Answer(status=302, headers={"Location": address}, content_type=None)


ARCHIVES = {
    "a/torch": zipped({"train.py": TORCH, "requirements.txt": b"numpy\ntorch==2.4\n"}),
    "a/flow": tarred({"src/model.py": FLOW}),
    "a/both": zipped({"train.py": TORCH, "data.py": b"import tensorflow as tf\ntf.data.TFRecordDataset('x')\n"}),
    "a/plain": zipped({"solve.py": b"import numpy\n"}, comment=""),
    "a/readme": zipped(README),
    "a/links": tarred({"a.py": TORCH, "../../../out.py": FLOW}, [("b.py", "/etc/passwd"), ("c.py", "../../flow.py")]),
    "a/bomb": zipped({"bomb.py": b"import tensorflow\n" + b"#" * (40 << 20), "train.py": TORCH}),
    "a/endless": Answer(os.urandom(3 << 20), content_type="application/zip", is_chunked=True),
    "a/gone": Answer(b"404: Not Found", 404, content_type="text/plain"),
    "a/barred": Answer(b"{}", 451),
    "a/notice": Answer(b"<html>We are moving.</html>", content_type="text/html"),
}
STATES = {
    "a/torch": ("with code", None),
    "a/flow": ("with code", None),
    "a/both": ("with code", None),
    "a/plain": ("with code", None),
    "a/links": ("with code", None),
    "a/bomb": ("with code", None),
    "a/renamed": ("with code", None),
    "a/readme": ("no code", None),
    "a/a.github.io": ("no code", "a project page"),
    "a/gone": ("not obtained", "there is no such repository, or it holds no commit"),
    "a/barred": ("not obtained", "it was taken down"),
    "a/endless": ("not obtained", "its archive is too large"),
    "a/elsewhere": ("not obtained", "no answer: Refused"),
    "a/notice": ("not obtained", "what is sent is no archive"),
}


def host(asked: Asked) -> Answer:
    repository = asked.path.removesuffix("/zip/HEAD").strip("/")
    if repository == "a/renamed":
        return moved_to("/repositories/7/zip/HEAD")
    if repository == "repositories/7":
        return ARCHIVES["a/torch"]
    if repository == "a/elsewhere":
        return moved_to(f"http://localhost:{asked.headers['host'].rpartition(':')[2]}/a/torch/zip/HEAD")
    return ARCHIVES.get(repository) or zipped({f"{repository}.py": TORCH if sum(repository.encode()) % 4 else FLOW})


@pytest.fixture
def server():
    with FaultServer(host) as running:
        yield running


@pytest.fixture
def job(warehouse, tmp_path, monkeypatch):
    monkeypatch.setitem(paper_code.LIMITS, "large_body_limit_mb", 1)
    settings = settings_of(tmp_path)
    load_reference(warehouse, settings.reference_folder)
    return JobContext(settings=settings, connection=warehouse, run_id="r1")


def kept_files(home):
    raw = home / "data" / "raw"
    return [path for path in raw.rglob("*") if path.is_file() and path.name != "http.sqlite"]


def rows_of(rows):
    states = {row[4]: (row[6], row[7]) for row in rows[0]}
    labels = {}
    for *_, repository, tier, framework, _, path, _, place in rows[1]:
        labels.setdefault(repository, {})[tier, framework] = (path, place)
    return states, labels


def test_every_repository_ends_in_a_state_and_nothing_of_its_code_is_kept(server, job, tmp_path):
    outcome, rows = night(job, server.address, frame=papers(STATES))
    assert outcome.faults == []
    states, labels = rows_of(rows)
    assert states == STATES
    assert labels["a/torch"] == {
        ("own", "pytorch"): ("train.py", "line 3"),
        ("import", "pytorch"): ("train.py", "line 1"),
        ("dependency", "pytorch"): ("requirements.txt", "line 2"),
    }
    assert labels["a/flow"]["own", "tensorflow"][0] == "src/model.py"
    assert {key for key in labels["a/both"] if key[0] == "own"} == {("own", "pytorch")}
    assert {framework for _, framework in labels["a/links"]} == {"pytorch"}
    assert {framework for _, framework in labels["a/bomb"]} == {"pytorch"}
    assert labels["a/renamed"] == labels["a/torch"]
    assert set(labels) == {name for name, state in STATES.items() if state[0] == "with code"} - {"a/plain"}
    commits = {row[4]: row[9] for row in rows[0]}
    assert (commits["a/torch"], commits["a/flow"], commits["a/plain"]) == (COMMIT, COMMIT, None)
    assert not [
        path for path in (tmp_path / "data" / "raw").rglob("*") if path.is_file() and path.name != "http.sqlite"
    ]
    shares = (
        "select framework, n, base from adoption where series_id = 'papers.code_own_framework' "
        "order by n desc, framework"
    )
    assert job.connection.execute(shares).fetchall()[:3] == [("pytorch", 5, 7), ("none", 1, 7), ("tensorflow", 1, 7)]


def test_a_host_that_answers_about_nobody_leaves_the_sample_as_it_was(server, job):
    server.respond = lambda asked: Answer(b"blocked", 403, content_type="text/plain")
    outcome, rows = night(job, server.address, frame=papers(["a/one", "a/two"]))
    assert (outcome.is_failure, rows) == (True, [[], []])
    assert "refuses us" in outcome.message
    server.respond = host
    outcome, rows = night(job, server.address)
    assert (outcome.faults, len(rows[0])) == ([], 2)


def test_a_night_takes_its_share_in_the_order_of_the_hash_and_a_grown_frame_keeps_it(server, job, monkeypatch):
    monkeypatch.setattr(paper_code, "NIGHT_REPOSITORIES", 3)

    def order(names):
        return sorted(names, key=lambda name: sha256(f"20261126 {name}".encode()).hexdigest())

    def drawn(now, frame=()):
        return {row[4] for row in night(job, server.address, now, frame)[1][0]}

    first, later = [f"b/{number}" for number in range(8)], [f"b/{number}" for number in range(8, 30)]
    older = papers(["b/old"], submitted_on=date(2025, 12, 5))
    named = papers(["b/named"], source_id="arxiv")
    assert drawn(NOW, [*papers(first), *older, *named]) == set(order(first)[:3])
    assert drawn(NOW) == set(order(first)[:3])  # the night's share is read
    grown = papers(later)
    assert drawn(NOW + timedelta(days=1), grown) == set(order(first)[:3]) | set(
        [name for name in order(first + later) if name not in order(first)[:3]][:3]
    )


def test_a_month_is_drawn_until_its_interval_is_narrow(server, job, monkeypatch):
    monkeypatch.setattr(paper_code, "NIGHT_REPOSITORIES", 200)
    monkeypatch.setattr(paper_code, "BATCH_REPOSITORIES", 100)
    server.respond = lambda asked: ARCHIVES["a/torch"]
    frame = [*papers([f"c/{number}" for number in range(120)]), *papers(["c/old"], submitted_on=date(2025, 12, 5))]
    _, rows = night(job, server.address, frame=frame)
    assert [row[4] for row in rows[0] if row[3] == date(2025, 12, 1)] == ["c/old"]
    assert len(rows[0]) == 101


@pytest.mark.slow
def test_it_is_collected_when_it_is_named_and_published(server, tmp_path):
    night_of_its_own(tmp_path, server.address, frame=papers(["a/torch"]))
    settings = Settings(home=tmp_path, source_urls={"paper_code": server.address}, retries_count=0)
    sentences, failures = collect_and_publish(settings, [SERVICE])
    assert (failures, sentences[0]) == ([], "paper_code: 0 rows, unchanged")
    (row,) = read_view(settings.published_file, "paper_code_months").to_dict("records")
    assert (row["frame_count"], row["drawn_count"], row["sampling_fraction"], row["named_count"]) == (1, 1, 1, 1)
    health = read_view(settings.published_file, "source_health", {"source_id": "paper_code"})
    assert list(health["state"]) == ["live"]
    sentences, failures = collect_and_publish(settings, [SERVICE], replayed=True)
    assert (failures, sentences[0]) == ([], "paper_code: no code is kept that could be read again")


@pytest.mark.slow
def test_a_night_that_is_killed_ten_times_ends_with_the_rows_of_an_undisturbed_one(server, tmp_path):
    names = [*STATES, *(f"d/{number}" for number in range(30))]
    for home in ("whole", "killed"):
        night_of_its_own(tmp_path / home, "http://127.0.0.1:9", frame=papers(names))
    _, whole = night_of_its_own(tmp_path / "whole", server.address)
    assert len(whole[0]) == 40
    kills = 0
    for number in range(10):
        command = [sys.executable, str(CHILD), str(tmp_path / "killed"), server.address]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            child.stdout.readline()
            before = len(server.asked)
            give_up_at = time.monotonic() + 60
            while len(server.asked) < before + 2 + number and child.poll() is None and time.monotonic() < give_up_at:
                time.sleep(0.01)
            time.sleep(0.2 * (number % 4))
            child.send_signal(signal.SIGKILL)
        kills += child.returncode == -signal.SIGKILL
    assert kills >= 5
    outcome, killed = night_of_its_own(tmp_path / "killed", server.address)
    assert outcome.faults == []
    assert set(killed[0]) ^ set(whole[0]) == set()
    assert killed == whole
    assert kept_files(tmp_path / "killed") == []
