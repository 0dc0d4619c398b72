"""The refresh with one small service; a line on standard input starts a run, and one of JSON tells how it ended.

The line `scheduled` starts one as the schedule does.
"""

import dataclasses
import json
import sys
from datetime import date

from sample_source import FIRST_DAY, SAMPLE

from flows.params import RefreshParams
from flows.prefect_server import await_api, prefect_api
from pipeline.settings import Settings
from pipeline.sources.source import months

SERVICE = dataclasses.replace(SAMPLE, windows=lambda _: months(FIRST_DAY, date(2025, 9, 1)))

if __name__ == "__main__":
    with prefect_api(Settings(), "run") as address:
        from flows import refresh

        refresh.SOURCES = (SERVICE,)
        ended, refreshed = [], refresh._refreshed
        refresh._refreshed = lambda *words: ended.append(refreshed(*words)) or ended[-1]
        await_api(address)
        for line in sys.stdin:
            params = RefreshParams(bench=False, scheduled=line.strip() == "scheduled")
            state = refresh.refresh(params, return_state=True)
            # A run that failed returns nothing but its message.
            steps = [each.name for each in ended[-1].result(raise_on_failure=False).outcomes]
            sys.stdout.write(json.dumps({"type": state.type.value, "message": state.message, "steps": steps}) + "\n")
            sys.stdout.flush()
