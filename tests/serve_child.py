"""Serves the refresh as `observatory serve` does, with a schedule of seconds, which cron has no word for."""

import sys
from datetime import timedelta

from flows.params import RefreshParams
from flows.prefect_server import await_api, prefect_api
from pipeline.settings import Settings

if __name__ == "__main__":
    with prefect_api(Settings(), "serve") as address:
        from prefect.schedules import Interval

        from flows.refresh import serve_refresh

        await_api(address)
        sys.stdout.write("serving\n")
        sys.stdout.flush()
        serve_refresh(RefreshParams(offline=True, bench=False), Interval(timedelta(seconds=4)))
