"""The HTTP session under a client: revalidates what it holds, keeps the pace, sends nothing it was not told to."""

import logging
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path

import requests
from pyrate_limiter import Limiter
from requests_cache import EXPIRE_IMMEDIATELY, CacheMixin
from requests_ratelimiter import LimiterMixin

from pipeline.fetch.transport import Transport


class _Unhurried(CacheMixin, LimiterMixin, requests.Session):
    """Waits for its turn before each request that really leaves."""


class _Unlimited(CacheMixin, requests.Session):
    """The same where no pace is asked for: a mirror of the user's own."""


Session = _Unhurried | _Unlimited


def new_session(cache_file: Path, transport: Transport, limiter: Limiter | None, user_agent: str) -> Session:
    """Return a session over this transport.

    Nothing is believed without asking: an answer is held only if it can be revalidated, and then always is. What is
    held may be lost (`fast_save`): then it is asked for whole.
    """
    session: Session
    if limiter is None:
        session = _Unlimited(
            str(cache_file),
            "sqlite",
            expire_after=EXPIRE_IMMEDIATELY,
            always_revalidate=True,
            stale_if_error=False,
            fast_save=True,
        )
    else:
        session = _Unhurried(
            str(cache_file),
            "sqlite",
            expire_after=EXPIRE_IMMEDIATELY,
            always_revalidate=True,
            stale_if_error=False,
            fast_save=True,
            limiter=limiter,
            bucket_name="all",
            per_host=False,
            limit_statuses=(),  # the client itself waits for as long as a service asks to
        )
    session.mount("https://", transport)
    session.mount("http://", transport)
    session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"})
    # No cookies, and no passwords out of ~/.netrc.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.auth = _unchanged
    # A failed revalidation becomes our own clear error; the library would print its traceback.
    logging.getLogger("requests_cache").setLevel(logging.ERROR)
    return session


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
