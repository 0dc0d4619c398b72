"""Serves the refresh as `observatory serve` does, by a cron expression or every four seconds, which cron cannot say."""

import sys
from datetime import timedelta

from flows.params import RefreshParams
from flows.prefect_server import await_api, prefect_api
from pipeline.settings import Settings


def tell(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    settings = Settings()
    with prefect_api(settings, "serve") as address:
        from prefect.schedules import Interval

        from flows.refresh import schedule_of, serve_refresh

        await_api(address)
        tell(f"serving {address}")
        schedule = schedule_of(sys.argv[1]) if sys.argv[1:] else Interval(timedelta(seconds=4))
        serve_refresh(settings, RefreshParams(offline=True, bench=False), schedule, tell, check_seconds=1)
