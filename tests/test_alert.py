"""Alerts: which failures a person is told of, and a webhook that takes them, or misbehaves."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from duckdb import DuckDBPyConnection
from fault_server import Answer, FaultServer

from pipeline.errors import BadInput, Busy, ObservatoryError
from pipeline.jobs import run_log
from pipeline.jobs.publish import published_job
from pipeline.jobs.run_log import kept_log
from pipeline.settings import Settings

KEY = "github-key-0123456789"


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(lambda _: Answer(body=b"ok")) as server:
        yield server


def hooked(tmp_path: Path, address: str) -> Settings:
    return Settings(home=tmp_path, source_urls={"webhook": address}, github_token=KEY)


def test_failures_are_posted_once_without_any_secret(
    tmp_path: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = hooked(tmp_path, f"{server.address}/secret-path")
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password hidden")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    run_log.tell_webhook(settings, ["arxiv: 503", f"github: refused {KEY}"])
    (asked,) = server.asked
    body = json.loads(asked.body)
    assert body == {"text": "arxiv: 503\ngithub: refused ***"}
    assert "authorization" not in {name.lower() for name in asked.headers}
    assert KEY not in repr(asked)
    assert "secret-path" not in repr(settings)


def test_nothing_is_posted_where_nothing_failed_or_no_address_is_set(tmp_path: Path, server: FaultServer) -> None:
    run_log.tell_webhook(hooked(tmp_path, server.address), [])
    run_log.tell_webhook(Settings(home=tmp_path), ["arxiv: 503"])
    assert server.asked == []


def test_a_webhook_that_fails_is_asked_three_times_and_its_address_stays_secret(
    tmp_path: Path, server: FaultServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("observatory"), "propagate", True)
    monkeypatch.setattr("pipeline.jobs.run_log.WAIT_SECONDS", 0.01)
    server.respond = lambda _: Answer(status=500)
    run_log.tell_webhook(hooked(tmp_path, f"{server.address}/secret-path"), ["x: y"])
    assert len(server.asked) == 3
    assert "HTTP 500" in caplog.text
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    run_log.tell_webhook(hooked(tmp_path, f"http://127.0.0.1:{port}/secret-path"), ["x: y"])
    assert "ConnectionError" in caplog.text
    server.respond = lambda _: Answer(status=307, headers={"Location": server.address})
    run_log.tell_webhook(hooked(tmp_path, server.address), ["x: y"])
    assert len(server.asked) == 6
    assert "secret-path" not in caplog.text


def test_a_webhook_that_answers_without_end_holds_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_log, "LONGEST_SECONDS", 0.5)
    stop = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
            while not stop.wait(0.05):
                connection.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        dripping = threading.Thread(target=drip, args=(listener,), daemon=True)
        dripping.start()
        began = monotonic()
        run_log.tell_webhook(hooked(tmp_path, f"http://127.0.0.1:{listener.getsockname()[1]}"), ["x: y"])
        assert monotonic() - began < 5
        stop.set()
        dripping.join(5)


def test_a_job_that_cannot_begin_is_told_and_one_that_waits_for_another_is_not(
    tmp_path: Path, server: FaultServer
) -> None:
    def end_with(error: ObservatoryError) -> None:
        with kept_log(hooked(tmp_path, server.address)):
            raise error

    with pytest.raises(Busy):
        end_with(Busy("in use"))
    assert server.asked == []
    with pytest.raises(BadInput):
        end_with(BadInput("no readable database"))
    assert b"no readable database" in server.asked[0].body


def test_a_job_with_gaps_is_told(prepared_home: Path, server: FaultServer) -> None:
    with published_job(hooked(prepared_home, server.address), "collect") as job:
        job.failures.append("arxiv: 503")
    assert json.loads(server.asked[0].body)["text"] == "arxiv: 503"


@pytest.mark.parametrize(
    ("turned_count", "named", "more"),
    [(0, "", ""), (5, "C1 from a to b, C2 from a to b, C3 from a to b, C4 from a to b, C5 from a to b", ""),
     (7, "C1 from a to b, C2 from a to b, C3 from a to b, C4 from a to b, C5 from a to b", "2 more changed")],
)  # fmt: skip
def test_of_many_verdicts_that_turned_the_first_are_named_and_the_others_counted_with_where_they_stand(
    warehouse: DuckDBPyConnection, turned_count: int, named: str, more: str
) -> None:
    for release, verdict, day in (("20260110T000000Z", "a", "2026-01-10"), ("20260111T000000Z", "b", "2026-01-11")):
        warehouse.execute(
            "insert into ops.claim_verdict by name select 'C' || n as claim_id, ? as release_id, ? as decided_at, "
            "? as verdict from range(1, ?) numbers(n)",
            [release, day, verdict, turned_count + 1],
        )
    told = [sentence for (sentence,) in warehouse.execute("from release_alerts('', '20260111T000000Z')").fetchall()]
    assert len(told) == bool(turned_count)
    for sentence in told:
        assert sentence.startswith(f"Verdicts on claims that changed: {named}; `observatory claims C1` shows why.")
        assert (more in sentence, "C6" in sentence) == (True, False)
        asked = sentence.partition('observatory query "')[2].partition('"')[0]
        assert len(warehouse.execute(asked).fetchall() if asked else []) == (turned_count if more else 0)


def test_an_address_that_is_none_is_refused_without_showing_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OBSERVATORY_WEBHOOK_URL", "ftp://secret-path")
    with pytest.raises(ValueError, match="must begin with http") as refused:
        Settings()
    assert "secret-path" not in str(refused.value)
