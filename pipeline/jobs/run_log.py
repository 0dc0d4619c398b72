"""The log of a run: every line of the pipeline in a file, tracebacks included; the terminal shows one sentence."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.clock import now_utc
from pipeline.errors import Busy, ObservatoryError
from pipeline.jobs.alert import tell_webhook
from pipeline.settings import Settings

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
