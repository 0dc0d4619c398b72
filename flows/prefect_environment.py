"""What Prefect must find in the environment before it is imported, since it reads its settings then."""

import os
from collections.abc import Mapping
from typing import Literal

from pipeline.settings import Settings

Mode = Literal["run", "serve"]
API_ADDRESS = "PREFECT_API_URL"


def prefect_environment(settings: Settings, present: Mapping[str, str], mode: Mode = "run") -> dict[str, str]:
    """Return the variables that Prefect needs and that `present` does not set already.

    With them Prefect writes below `OBSERVATORY_HOME` only, asks nobody outside this machine, and is silent on the
    terminal: what it would print is kept by our own log and by its own database. Serving, it tells when a refresh
    begins and how it ends.
    """
    home = settings.data_folder / "prefect"
    wanted = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "ui"),
        # Without these two a run without a network prints the traceback of a telemetry task.
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        # Block types are Prefect's stored credentials and notifiers; no flow here uses one.
        "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        # Its own services tell of what they could not send when a run ends at once; nothing of ours is lost with it.
        "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_COLORS": "false",
    }
    if mode == "serve":
        wanted["PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL"] = "INFO"
    return {name: value for name, value in wanted.items() if name not in present}


def prepare_prefect(settings: Settings, mode: Mode = "run") -> None:
    """Set those variables for this process and its children; what the user has set stays."""
    os.environ.update(prefect_environment(settings, os.environ, mode))
