"""Where sources are asked, how often, and whether there is a network."""

import threading

import pytest

from pipeline.clock import perf_counter
from pipeline.errors import Refused
from pipeline.fetch import addresses
from pipeline.fetch.addresses import Addresses, is_online
from pipeline.fetch.transport import RateLimits
from pipeline.settings import Settings


@pytest.fixture
def rate_limits():
    made = RateLimits()
    yield made
    made.close()


def test_sources_of_one_group_wait_for_each_other(rate_limits) -> None:
    limiters = [rate_limits.limiter("api.example", 0.1), rate_limits.limiter("api.example", 0.1)]
    assert limiters[0] is limiters[1]
    started = perf_counter()
    threads = [threading.Thread(target=each.try_acquire, args=("all",)) for each in limiters * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert perf_counter() - started >= 0.3


def test_groups_do_not_wait_for_each_other(rate_limits) -> None:
    assert rate_limits.limiter("one", 60) is not rate_limits.limiter("other", 60)


def test_the_user_s_own_pace_replaces_every_source_s() -> None:
    assert RateLimits(seconds_between_requests=0).limiter("api.example", 60) is None


ONE = Addresses(public=("https://export.arxiv.org/api/query",), mirror="http://127.0.0.1:9/api/query")
TWO = Addresses(public=("https://a.example/x", "https://b.example"), mirror="http://127.0.0.1:9/m/")


@pytest.mark.parametrize(
    ("addresses", "public", "wire"),
    [
        (ONE, "https://export.arxiv.org/api/query", "http://127.0.0.1:9/api/query"),
        (ONE, "https://export.arxiv.org/api/query?a=1", "http://127.0.0.1:9/api/query?a=1"),
        (TWO, "https://a.example/x/y/z?q=1", "http://127.0.0.1:9/m/y/z?q=1"),
        (TWO, "https://b.example/paper/1", "http://127.0.0.1:9/m/b.example/paper/1"),
    ],
)
def test_a_mirror_stands_in_for_the_public_address_and_back(addresses, public, wire) -> None:
    assert addresses.on_the_wire(public) == wire
    assert addresses.as_public(wire) == public
    assert Addresses(public=addresses.public).on_the_wire(public) == public


@pytest.mark.parametrize("address", ["https://a.example/xy", "https://evil.example/x", "https://a.example/"])
def test_what_lies_elsewhere_is_not_asked(address) -> None:
    with pytest.raises(Refused, match="lies outside"):
        TWO.on_the_wire(address)


def test_one_host_that_resolves_is_a_network(monkeypatch) -> None:
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    assert is_online(["http://127.0.0.1:1/x", "https://no-such-host.example"])
    assert not is_online(["https://no-such-host.example", "https://nor-this.example"])
    assert not is_online([])


def test_behind_a_proxy_the_proxy_s_name_counts(monkeypatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:3128")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert is_online(["https://no-such-host.example"])


def test_a_resolver_that_hangs_does_not_hold_up_the_run(monkeypatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_: released.wait(30))
    assert not is_online(["https://slow.example"], limit_seconds=0.05)
    released.set()


def test_a_key_is_trimmed_and_never_shown(monkeypatch) -> None:
    monkeypatch.setenv("OBSERVATORY_GITHUB_TOKEN", "ghp_s3cret\r\n")
    settings = Settings()
    assert settings.github_token.get_secret_value() == "ghp_s3cret"
    assert "s3cret" not in repr(settings) + settings.model_dump_json()
    monkeypatch.setenv("OBSERVATORY_GITHUB_TOKEN", "two s3crets")
    with pytest.raises(ValueError, match="github_token") as caught:
        Settings()
    assert "s3crets" not in str(caught.value)
    monkeypatch.setenv("OBSERVATORY_GITHUB_TOKEN", " ")
    assert Settings().github_token is None


def test_every_source_s_address_can_be_pointed_elsewhere(monkeypatch) -> None:
    monkeypatch.setenv("OBSERVATORY_ARXIV_URL", "http://127.0.0.1:9000/api/query")
    assert Settings().source_urls == {"arxiv": "http://127.0.0.1:9000/api/query"}
    monkeypatch.setenv("OBSERVATORY_ARXIV_URL", "file:///etc/passwd")
    with pytest.raises(ValueError, match="OBSERVATORY_ARXIV_URL must begin with http"):
        Settings()
