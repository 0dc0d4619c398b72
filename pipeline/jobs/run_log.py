"""The log of a run, every line of the pipeline in a file with tracebacks; and its failures, posted to a webhook."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread

import requests
from pydantic import SecretStr

from pipeline.clock import now_utc
from pipeline.errors import Busy, ObservatoryError
from pipeline.log import logger
from pipeline.settings import Settings

LONGEST_SECONDS, ANSWER_SECONDS, WAIT_SECONDS, ATTEMPTS = 20, 5, 1, 3
_LOG = logger("refresh")


def tell_webhook(settings: Settings, failures: Sequence[str]) -> None:
    """Post failures to OBSERVATORY_WEBHOOK_URL, where it is set; returns in time, whatever answers or does not."""
    address, text = settings.source_urls.get("webhook"), "\n".join(failures)
    for secret in (each.get_secret_value() for _, each in settings if isinstance(each, SecretStr)):
        text = text.replace(secret, "***")
    if address and text:
        posting = Thread(target=_post, args=(address, {"text": text}), daemon=True)
        posting.start()
        posting.join(LONGEST_SECONDS)


def _post(address: str, body: dict[str, str]) -> None:
    for attempt in range(ATTEMPTS):
        try:
            with requests.post(
                address,
                json=body,
                timeout=ANSWER_SECONDS,
                allow_redirects=False,
                stream=True,
                auth=lambda asked: asked,  # or requests would send what a .netrc file holds for that host
            ) as answer:
                found = f"HTTP {answer.status_code}"
        except (requests.RequestException, ValueError) as error:
            found = type(error).__name__  # its text would name the address, which is a secret
        if found.startswith("HTTP 2"):
            return
        _LOG.warning("The webhook did not take the alert (%s).", found)
        Event().wait(WAIT_SECONDS * 2**attempt)


_KEPT_LOGS = 20


@contextmanager
def kept_log(settings: Settings) -> Iterator[None]:
    """Keep what the pipeline logs in this block in a file of its own; the newest twenty files stay.

    An error that ends the block is told to the webhook; only that another run is under way is none.

    Raises:
        OSError: the log folder cannot be written.
    """
    folder = settings.log_folder
    folder.mkdir(parents=True, exist_ok=True)
    for old in sorted(folder.glob("*-run.log"))[: -_KEPT_LOGS + 1]:
        old.unlink(missing_ok=True)
    handler = logging.FileHandler(folder / f"{now_utc():%Y%m%dT%H%M%SZ}-run.log", encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    with attached(handler):
        try:
            yield
        except ObservatoryError as error:
            tell_webhook(settings, [] if isinstance(error, Busy) else [str(error)])
            raise


@contextmanager
def attached(handler: logging.Handler) -> Iterator[None]:
    """Give the pipeline's log to a handler for the block, and close the handler afterwards."""
    log = logging.getLogger("observatory")
    log.setLevel(logging.INFO)
    # Prefect hangs a handler of its own on the root, which would write every line to the terminal as well.
    log.propagate = False
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
        handler.close()
