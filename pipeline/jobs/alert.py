"""Posts failures to a webhook of the user's own."""

from collections.abc import Sequence
from threading import Event, Thread

import requests
from pydantic import SecretStr

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
