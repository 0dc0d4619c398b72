"""The client against a server that misbehaves: each fault ends in one clear error, or is got over."""

import json
import logging
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import requests
from fault_server import Answer, Asked, FaultServer, free_port, with_etag, zipped
from pydantic import SecretStr

from pipeline.errors import LayoutChanged, Refused, Transient
from pipeline.fetch.addresses import Addresses, Credential, Key, origin_of
from pipeline.fetch.client import Client
from pipeline.fetch.page import HTML_TYPES, Request
from pipeline.fetch.transport import ClientConfig
from pipeline.settings import Settings

KEY = "s3cret-k3y/+x"
PUBLIC = "https://service.example/api"


def settings(**bounds: float) -> Settings:
    return Settings(contact="someone@example.org", **bounds)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


class Bench:
    """Makes clients for one server and notes how long they would have waited."""

    def __init__(self, folder: Path, address: str, now) -> None:
        self.folder = folder
        self.address = address
        self.now = now
        self.waits: list[float] = []
        self.jitter = 0.0
        self.answering_hosts: tuple[str, ...] = ()
        self.credential: Credential | None = None
        self.settings = settings(read_seconds=0.4, request_seconds=1.5, retries_count=2, backoff_seconds=1)
        self.opened: list[Client] = []

    def client(self) -> Client:
        config = ClientConfig(
            addresses=Addresses(public=(PUBLIC,), mirror=self.address, answering_hosts=self.answering_hosts),
            settings=self.settings,
            credential=self.credential,
            key_setting="OBSERVATORY_SAMPLE_KEY",
            jitter=lambda: self.jitter,
        )
        self.opened.append(Client(config, self.folder, now=lambda: self.now, sleep=self.waits.append))
        return self.opened[-1]


@pytest.fixture
def bench(tmp_path: Path, server: FaultServer, now) -> Iterator[Bench]:
    made = Bench(tmp_path / "raw", server.address + "/api", now)
    yield made
    for client in made.opened:
        client.__exit__(None, None, None)


def ask(path: str = "/items", **more) -> Request:
    return Request(url=PUBLIC + path, **more)


def test_a_page_carries_its_provenance_and_the_public_address(server, bench, now) -> None:
    server.script("/api/items", Answer(b'{"total": 1}', headers={"Link": '<next>; rel="next"', "Date": "x"}))
    page = bench.client().get(ask(params=(("q", "a b"),), about=(("month", "2024-03"),)))
    assert page.body == b'{"total": 1}'
    assert page.address == PUBLIC + "/items?q=a+b"
    assert (page.provenance.status, page.provenance.content_type) == (200, "application/json")
    assert page.provenance.fetched_at == page.provenance.seen_at == now
    assert page.header("link") == '<next>; rel="next"'
    assert page.request.detail("month") == "2024-03"
    assert page.stamp("sample")["page_sha256"] == page.provenance.sha256


def test_we_say_who_we_are(server, bench) -> None:
    server.script("/api/items", Answer(b"{}"))
    bench.client().get(ask())
    assert server.asked[0].headers["user-agent"].startswith("framework-observatory/")
    assert "someone@example.org" in server.asked[0].headers["user-agent"]
    assert "cookie" not in server.asked[0].headers


def test_an_unchanged_answer_costs_a_304_also_in_a_later_run(server, bench, now) -> None:
    server.respond = lambda asked: with_etag(asked, b'{"a": 1}', 'W/"one"')
    first = bench.client().get(ask())
    bench.now = now + timedelta(days=1)
    later = bench.client()
    second = later.get(ask())
    assert [each.is_conditional for each in server.asked] == [False, True]
    assert later.unchanged_count == 1
    assert second.body == first.body
    assert second.provenance.seen_at == bench.now


def test_a_changed_answer_replaces_the_one_that_is_held(server, bench) -> None:
    version = ["one"]
    server.respond = lambda asked: with_etag(asked, version[0].encode(), f'"{version[0]}"')
    bench.client().get(ask())
    version[0] = "two"
    assert bench.client().get(ask()).body == b"two"


def test_an_answer_without_validator_is_always_asked_for_anew(server, bench) -> None:
    server.script("/api/items", Answer(b"1", headers={"Cache-Control": "max-age=99999"}), Answer(b"2"))
    client = bench.client()
    assert [client.get(ask()).body, client.get(ask()).body] == [b"1", b"2"]


def test_a_forgotten_answer_is_asked_for_whole(server, bench) -> None:
    server.respond = lambda asked: with_etag(asked, b"{}", '"one"')
    client = bench.client()
    client.get(ask(params=(("q", "x"),)))
    client.forget(ask(params=(("q", "x"),)))
    client.get(ask(params=(("q", "x"),)))
    assert [each.is_conditional for each in server.asked] == [False, False]


def test_fresh_means_whole_and_is_held_again(server, bench) -> None:
    server.respond = lambda asked: with_etag(asked, b"{}", '"one"')
    client = bench.client()
    client.get(ask())
    client.get(ask(), fresh=True)
    client.get(ask())
    assert [each.is_conditional for each in server.asked] == [False, False, True]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_got_over(server, bench, status) -> None:
    server.script("/api/items", Answer(b"<h1>no</h1>", status, content_type="text/html"), Answer(b"{}"))
    assert bench.client().get(ask()).body == b"{}"
    assert bench.waits == [1]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_lasting_failure_ends_after_the_allowed_attempts(server, bench, status) -> None:
    server.script("/api/items", Answer(b"Rate exceeded.", status, content_type="text/plain"))
    with pytest.raises(Transient, match=rf"After 3 attempts: {PUBLIC}/items answers {status}.*run again later"):
        bench.client().get(ask())
    assert len(server.asked) == 3
    assert bench.waits == [1, 2]


def test_a_service_that_says_no_for_minutes_is_waited_for_and_no_longer(server, bench) -> None:
    """arXiv's 429 names no time and lasts for a minute or two."""
    bench.settings = settings()
    refusals = [Answer(b"Rate exceeded.", 429, content_type="text/plain")] * 7
    server.script("/api/items", *refusals, Answer(b"{}"))
    assert bench.client().get(ask()).body == b"{}"
    assert bench.waits == [1, 2, 4, 8, 16, 32, 60]
    bench.waits.clear()
    server.script("/api/items", *refusals)
    with pytest.raises(Transient, match="After 9 attempts"):
        bench.client().get(ask())
    assert 120 < sum(bench.waits) <= bench.settings.wait_limit_seconds


def test_waits_differ_by_up_to_a_quarter(server, bench) -> None:
    bench.jitter = 0.8
    server.script("/api/items", Answer(status=503), Answer(status=503), Answer(b"{}"))
    bench.client().get(ask())
    assert bench.waits == [pytest.approx(1.2), pytest.approx(2.4)]


def test_retry_after_in_seconds_is_obeyed(server, bench) -> None:
    server.script("/api/items", Answer(status=429, headers={"Retry-After": "17"}), Answer(b"{}"))
    bench.client().get(ask())
    assert bench.waits == [17]


def test_retry_after_as_a_date_is_obeyed(server, bench) -> None:
    from pipeline.clock import now_utc

    then = format_datetime(now_utc() + timedelta(seconds=100), usegmt=True)
    server.script("/api/items", Answer(status=503, headers={"Retry-After": then}), Answer(b"{}"))
    bench.client().get(ask())
    assert 80 < bench.waits[0] <= 101


def test_a_retry_after_that_is_neither_is_left_out(server, bench) -> None:
    server.script("/api/items", Answer(status=503, headers={"Retry-After": "soon"}), Answer(b"{}"))
    bench.client().get(ask())
    assert bench.waits == [1]


def test_a_spent_allowance_is_waited_for(server, bench, now) -> None:
    reset = str(int(now.timestamp()) + 42)
    spent = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    server.script("/api/items", Answer(b'{"message": "rate limit"}', 403, spent), Answer(b"{}"))
    bench.client().get(ask())
    assert bench.waits == [43]


def test_waiting_is_bounded_and_the_error_says_when_to_come_back(server, bench, now) -> None:
    server.script("/api/items", Answer(status=429, headers={"Retry-After": "54000"}))
    with pytest.raises(Transient, match=r"run again after 2026-01-16 03:00 UTC"):
        bench.client().get(ask())
    assert bench.waits == []


def test_waiting_is_bounded_over_all_requests_together(server, bench) -> None:
    server.respond = lambda _: (
        Answer(status=429, headers={"Retry-After": "120"}) if len(server.asked) % 2 else Answer(b"{}")
    )
    client = bench.client()
    client.get(ask("/a"))
    client.get(ask("/b"))
    with pytest.raises(Transient, match="more than this run may wait"):
        client.get(ask("/c"))
    assert bench.waits == [120, 120]


def test_a_403_without_an_end_is_a_refusal(server, bench) -> None:
    server.script("/api/items", Answer(b'{"name": "ChallengeRequiredError"}', 403))
    with pytest.raises(Refused, match=r"403 Forbidden.*set OBSERVATORY_SAMPLE_KEY"):
        bench.client().get(ask())
    assert len(server.asked) == 1


def test_an_expired_key_is_named_by_its_variable(server, bench) -> None:
    bench.credential = credential(bench)
    server.script("/api/items", Answer(b'{"message": "Bad credentials"}', 401))
    with pytest.raises(Refused, match=r"does not accept the key .*renew OBSERVATORY_SAMPLE_KEY") as caught:
        bench.client().get(ask())
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(("status", "word"), [(404, "not there"), (410, "not there"), (422, "report the request")])
def test_other_refusals_say_what_to_do(server, bench, status, word) -> None:
    server.script("/api/items", Answer(b"<html>", status, content_type="text/html"))
    with pytest.raises(Refused, match=word):
        bench.client().get(ask())


def test_a_status_that_the_source_can_read_is_a_page(server, bench) -> None:
    server.script("/api/items", Answer(b'{"message": "gone"}', 404))
    assert bench.client().get(ask(accepted_statuses=(200, 404))).provenance.status == 404


def test_a_304_nobody_asked_for_is_an_error(server, bench) -> None:
    server.script("/api/items", Answer(status=304, content_type=None))
    with pytest.raises(Transient, match="304"):
        bench.client().get(ask())


def test_a_rename_is_followed_and_noted(server, bench) -> None:
    server.script("/api/repos/old/name", Answer(b"{}", 301, {"Location": "/api/repositories/7"}))
    server.script("/api/repositories/7", Answer(b'{"id": 7}'))
    page = bench.client().get(ask("/repos/old/name"))
    assert page.address == PUBLIC + "/repositories/7"
    assert page.provenance.redirects == (PUBLIC + "/repos/old/name",)


def test_redirects_in_a_circle_end(server, bench) -> None:
    server.script("/api/items", Answer(status=302, headers={"Location": "/api/items"}))
    with pytest.raises(Refused, match="redirects in a circle"):
        bench.client().get(ask())


def test_a_refused_connection_is_tried_again_and_then_clear(bench) -> None:
    bench.address = f"http://127.0.0.1:{free_port()}/api"
    with pytest.raises(Transient, match=r"After 3 attempts: .*refuses connections"):
        bench.client().get(ask())
    assert bench.waits == [1, 2]


def test_a_name_that_does_not_resolve_fails_at_once(bench) -> None:
    bench.address = "http://127.no-such-host.invalid/api"
    with pytest.raises(Transient, match="does not resolve; check the network"):
        bench.client().get(ask())
    assert bench.waits == []


def test_a_stall_in_the_middle_ends(server, bench) -> None:
    server.script("/api/items", Answer(b'{"a": 1}', stalls_after=4))
    with pytest.raises(Transient, match=r"After 3 attempts: .*silent for too long"):
        bench.client().get(ask())


def test_a_slow_drip_ends_at_the_total_limit(server, bench) -> None:
    bench.settings = settings(read_seconds=5, request_seconds=0.2, retries_count=0)
    server.script("/api/items", Answer(b"x" * 10_000, drip_seconds=0.02))
    with pytest.raises(Transient, match=r"did not end its answer within 0.2 s"):
        bench.client().get(ask())


@pytest.mark.parametrize(
    "fault",
    [
        Answer(b'{"a": 1}' * 50, sent_bytes=100),
        Answer(b'{"a": 1}', announced_bytes=5000, sent_bytes=8),
        Answer(b'{"a": 1}' * 50, sent_bytes=100, is_chunked=True),
        Answer(hangs_up=True),
        Answer(b"no gzip at all", headers={"Content-Encoding": "gzip"}),
    ],
    ids=["cut", "length too large", "cut between chunks", "no answer", "broken gzip"],
)
def test_a_broken_body_is_asked_for_again_and_never_believed(server, bench, fault) -> None:
    server.script("/api/items", fault, Answer(b'{"whole": 1}'))
    assert bench.client().get(ask()).body == b'{"whole": 1}'
    server.script("/api/items", fault)
    with pytest.raises(Transient, match="After 3 attempts"):
        bench.client().get(ask())


def test_a_content_length_that_is_too_small_does_not_spoil_the_next_answer(server, bench) -> None:
    server.script("/api/items", Answer(b'{"a": 1}{"b": 2}', announced_bytes=8))
    server.script("/api/other", Answer(b'{"c": 3}'))
    client = bench.client()
    assert client.get(ask()).body == b'{"a": 1}'
    assert client.get(ask("/other")).body == b'{"c": 3}'


def test_an_endless_answer_is_refused_at_the_limit(server, bench) -> None:
    bench.settings = settings(body_limit_mb=1)
    server.script("/api/items", Answer(b"x" * (2**20 + 1)))
    with pytest.raises(Refused, match=r"more than 1 MB.*OBSERVATORY_BODY_LIMIT_MB"):
        bench.client().get(ask())


def test_a_gzip_bomb_is_refused_at_the_limit_and_never_unpacked(server, bench) -> None:
    bench.settings = settings(body_limit_mb=1)
    server.script("/api/items", zipped(bytes(400 * 2**20)))
    client = bench.client()
    tracemalloc.start()
    with pytest.raises(Refused, match="more than 1 MB"):
        client.get(ask())
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 20 * 2**20


def test_gzip_is_undone(server, bench) -> None:
    server.script("/api/items", zipped(b'{"a": 1}'))
    assert bench.client().get(ask()).body == b'{"a": 1}'


def test_a_page_of_another_type_is_not_decoded(server, bench) -> None:
    server.script("/api/items", Answer(b"<html>maintenance</html>", content_type="text/html; charset=utf-8"))
    with pytest.raises(LayoutChanged, match="sends text/html where application/json was due"):
        bench.client().get(ask())


def test_a_bad_encoding_is_named(server, bench) -> None:
    server.script("/api/items", Answer(b"caf\xe9", content_type="text/html; charset=utf-8"))
    page = bench.client().get(ask(content_types=HTML_TYPES))
    with pytest.raises(LayoutChanged, match="is no text in utf-8"):
        page.text()


def test_an_unknown_encoding_is_named(server, bench) -> None:
    server.script("/api/items", Answer(b"caf\xe9", content_type="text/html; charset=klingon"))
    with pytest.raises(LayoutChanged, match="is no text in klingon"):
        bench.client().get(ask(content_types=HTML_TYPES)).text()


def test_a_page_cannot_send_us_to_another_site(bench) -> None:
    with pytest.raises(Refused, match="lies outside"):
        bench.client().get(Request(url="https://elsewhere.example/api/items"))


def test_a_large_answer_goes_to_a_file(server, bench) -> None:
    bench.settings = settings(body_limit_mb=1)
    body = b"row\n" * 300_000
    server.script("/api/file.csv", Answer(b"", 302, {"Location": "/store/1"}))
    server.script("/store/1", Answer(body, sent_bytes=1000), Answer(body, content_type="text/csv"))
    page = bench.client().get(ask("/file.csv", is_large=True, content_types=("text/csv",)))
    assert isinstance(page.content, Path)
    with page.open() as stream:
        assert stream.read() == body
    assert page.provenance.size_bytes == len(body)


def test_nothing_is_left_of_a_large_answer_that_failed(server, bench) -> None:
    server.script("/api/file.csv", Answer(b"row\n" * 1000, sent_bytes=1000))
    with pytest.raises(Transient):
        bench.client().get(ask("/file.csv", is_large=True, content_types=("text/csv",)))
    assert list((bench.folder / "unfinished").iterdir()) == []


@pytest.mark.parametrize("intact_bytes", [0, 4096])
def test_damaged_held_answers_are_named_with_the_remedy(server, bench, intact_bytes) -> None:
    from pipeline.errors import BadInput

    server.respond = lambda asked: with_etag(asked, b"{}" * 5000, '"one"')
    client = bench.client()
    for number in range(20):
        client.get(ask(params=(("q", str(number)),)))
    client.__exit__(None, None, None)
    file = bench.folder / "http.sqlite"
    content = bytearray(file.read_bytes())
    content[intact_bytes:] = b"\xff" * (len(content) - intact_bytes)
    file.write_bytes(content)
    with pytest.raises(BadInput, match="delete that one file"):
        bench.client().get(ask(params=(("q", "1"),)))


# ---- keys -----------------------------------------------------------------------------------------------------------


def credential(bench: Bench, **how) -> Credential:
    how = how or {"header": "Authorization", "prefix": "Bearer "}
    key = Key(setting="sample_key", **how)
    return Credential(key=key, value=SecretStr(KEY), origin=origin_of(bench.address))


def everything_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("how", [{"header": "X-Api-Key"}, {"parameter": "api_key"}], ids=["header", "parameter"])
def test_a_key_reaches_the_service_and_nothing_else(server, bench, how, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    bench.credential = credential(bench, **how)
    server.respond = lambda asked: with_etag(asked, json.dumps({"echo": asked.target + KEY}).encode(), '"one"')
    client = bench.client()
    client.get(ask(params=(("q", "x"),)))
    page = client.get(ask(params=(("q", "x"),)))
    for asked in server.asked:
        assert KEY in (asked.params.get("api_key", ""), asked.headers.get("x-api-key", ""))
    assert server.asked[1].is_conditional
    told = caplog.text + repr(page) + page.provenance.model_dump_json() + repr(client.__dict__)
    for form in (KEY, "s3cret-k3y%2F%2Bx", "s3cret-k3y"):
        assert form not in told
        assert form.encode() not in everything_below(bench.folder)


@pytest.mark.parametrize(
    "fault", [Answer(hangs_up=True), Answer(status=500), Answer(status=400), Answer(b"x", stalls_after=0)]
)
def test_a_key_is_in_no_error(server, bench, fault, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    bench.credential = credential(bench, parameter="api_key")
    server.script("/api/items", fault)
    with pytest.raises((Transient, Refused)) as caught:
        bench.client().get(ask())
    chain: BaseException | None = caught.value
    while chain is not None:
        assert "s3cret" not in repr(chain)
        chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
    assert "s3cret" not in caplog.text


def test_a_key_is_not_carried_to_another_host(server, bench) -> None:
    bench.credential = credential(bench, header="X-Api-Key")
    with FaultServer() as other:
        elsewhere = other.address.replace("127.0.0.1", "localhost")
        other.script("/there", Answer(b"{}"))
        server.script("/api/items", Answer(status=302, headers={"Location": elsewhere + "/there"}))
        with pytest.raises(Refused, match="is answered by localhost, which does not belong to the source"):
            bench.client().get(ask())
        bench.answering_hosts = ("localhost",)
        assert bench.client().get(ask()).body == b"{}"
        assert not any("x-api-key" in asked.headers for asked in other.asked)
    assert server.asked[0].headers["x-api-key"] == KEY


def test_a_key_is_not_carried_to_another_port_of_the_same_host(server, bench) -> None:
    bench.credential = credential(bench, header="X-Api-Key")
    with FaultServer() as other:
        other.script("/there", Answer(b"{}"))
        server.script("/api/items", Answer(status=302, headers={"Location": other.address + "/there"}))
        bench.client().get(ask())
        assert "x-api-key" not in other.asked[0].headers
    assert server.asked[0].headers["x-api-key"] == KEY


@pytest.mark.parametrize(
    ("address", "is_carried"),
    [
        ("https://service.example/there", True),
        ("https://SERVICE.example:443/there", True),
        ("http://service.example/there", False),
        ("https://service.example:8443/there", False),
        ("https://service.example.evil/there", False),
        ("https://service.example:99999/there", False),
    ],
)
def test_a_key_belongs_to_one_scheme_host_and_port(bench, address, is_carried) -> None:
    key = Credential(key=Key(setting="x", header="X-Api-Key"), value=SecretStr(KEY), origin=origin_of(PUBLIC))
    asked = requests.Request("GET", PUBLIC).prepare()
    asked.url = address
    assert ("X-Api-Key" in key.put_into(asked).headers) == is_carried


@pytest.mark.parametrize(
    ("address", "is_believed"),
    [
        ("https://service.example/elsewhere", True),
        ("http://service.example/api", False),
        ("https://files.store.example/api", True),
        ("http://files.store.example/api", False),
        ("https://store.example.evil/api", False),
        ("https://evilstore.example/api", False),
    ],
)
def test_an_answer_is_believed_from_hosts_that_were_asked_or_are_allowed(address, is_believed) -> None:
    assert Addresses(public=(PUBLIC,), answering_hosts=(".store.example",)).may_answer(address) == is_believed


def test_a_redirect_that_echoes_the_key_is_followed_without_it_being_kept(server, bench) -> None:
    bench.credential = credential(bench, parameter="api_key")

    def respond(asked: Asked) -> Answer:
        if asked.path == "/api/items":
            return Answer(status=301, headers={"Location": asked.target.replace("items", "moved")})
        return Answer(b"{}")

    server.respond = respond
    page = bench.client().get(ask())
    assert server.asked[1].params["api_key"] == KEY
    assert "s3cret" not in page.provenance.model_dump_json()


def test_a_key_is_not_sent_over_an_open_line(bench) -> None:
    bench.address = "http://mirror.example/api"
    bench.credential = Credential(
        key=Key(setting="sample_key", header="X"), value=SecretStr(KEY), origin="http://mirror.example:80"
    )
    with pytest.raises(Refused, match="OBSERVATORY_SAMPLE_KEY is not sent to http"):
        bench.client().get(ask())


def test_passwords_of_the_user_s_netrc_stay_there(server, bench, tmp_path, monkeypatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password s3cret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.script("/api/items", Answer(b"{}"))
    bench.client().get(ask())
    assert "authorization" not in server.asked[0].headers
