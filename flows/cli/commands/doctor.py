"""`observatory doctor`: what could keep the job from running here."""

import json
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from flows.cli.terminal import show_table
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.jobs.doctor import Finding

_SCHEDULE = "select schedule, active and not paused from deployment_schedule join deployment d on deployment_id = d.id"
_FOUND = {"held": "in use by a run or by `observatory serve`", "sound": "sound"}


def doctor() -> int:
    """Check this machine and this folder, and say what to do about each thing that is missing."""
    from pipeline.jobs.doctor import examine

    settings = Settings()
    findings = [*examine(settings), *prefect_findings(settings)]
    show_table(["", "what", "found", "to do"], findings)
    return int(any(finding.level == "fail" for finding in findings))


def prefect_findings(settings: Settings) -> "list[Finding]":
    """Look at Prefect's database and at the schedule; nothing is changed, and Prefect itself is not asked."""
    from flows.prefect_server import DATABASE, password_file, state_of
    from pipeline.jobs.doctor import Finding

    if "PREFECT_API_URL" in os.environ:
        return [Finding("ok", "schedule", "that of the Prefect server that PREFECT_API_URL names")]
    password = password_file(settings)
    database = password.with_name(DATABASE)
    state = state_of(database) if database.exists() else "unfit"
    found = _FOUND.get(state, "none, broken, or left by a run that was killed; the next run makes it anew")
    schedule = Finding("ok", "schedule", "none is served from here", "`observatory serve` refreshes every night.")
    if state == "held" and password.exists():
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            for cron, is_active in connection.execute(_SCHEDULE).fetchall():
                paused = Finding("warn", "schedule", "paused", "Resume it on the pages of `observatory serve`.")
                named = json.loads(cron).get("cron", cron)
                schedule = Finding("ok", "schedule", f"{named} (UTC)") if is_active else paused
    return [Finding("ok", "Prefect's database", found), schedule]
