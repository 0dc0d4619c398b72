"""The HTTP session under a client: revalidates what it holds, and sends nothing that it was not asked to send."""

import logging
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from pathlib import Path

from requests_cache import EXPIRE_IMMEDIATELY, CachedSession

from pipeline.fetch.transport import Transport


def new_session(cache_file: Path, transport: Transport, contact: str | None) -> CachedSession:
    """Return a session over this transport.

    Nothing is believed without asking: an answer is held only if it can be revalidated, and then always is. What is
    held may be lost (`fast_save`): then it is asked for whole.
    """
    session = CachedSession(
        str(cache_file),
        "sqlite",
        expire_after=EXPIRE_IMMEDIATELY,
        always_revalidate=True,
        stale_if_error=False,
        fast_save=True,
    )
    session.mount("https://", transport)
    session.mount("http://", transport)
    # Our true name with the contact that services ask for.
    name = f"framework-observatory/{version('framework-observatory')}"
    user_agent = f"{name} (contact: {contact})" if contact else name
    session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"})
    # No cookies, and no passwords out of ~/.netrc.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.auth = lambda request: request
    # A failed revalidation becomes our own clear error; the library would print its traceback.
    logging.getLogger("requests_cache").setLevel(logging.ERROR)
    return session
