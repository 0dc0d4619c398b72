"""`observatory serve`: refresh at set times."""

from typing import Annotated

from cyclopts import Parameter

from flows.cli.terminal import say
from pipeline.settings import Settings


def serve(
    *,
    cron: str = "0 3 * * *",
    offline: bool = False,
    quick: bool = False,
    bench: Annotated[bool, Parameter(negative="--no-bench")] = True,
) -> None:
    """Refresh at set times until stopped with Ctrl-C, one refresh at a time.

    Args:
        cron: When to refresh, as minute, hour, day, month and weekday, in UTC.
        offline: Ask no service.
        quick: Measure for a shorter time, with wider intervals.
        bench: --no-bench leaves out measuring the installed frameworks on this machine.
    """
    from flows.params import RefreshParams
    from flows.prefect_server import await_api, password_file, prefect_api

    settings = Settings()
    with prefect_api(settings, "serve") as address:
        from flows.refresh import schedule_of, serve_refresh

        schedule = schedule_of(cron)
        await_api(address)
        pages, file = address.removesuffix("/api"), password_file(settings)
        password = f"; {file} holds the password they ask for" if file.exists() else ""
        say(f"Refreshing at {cron} (UTC). Runs are shown at {pages}{password}. Ctrl-C ends this.")
        serve_refresh(RefreshParams(offline=offline, quick=quick, bench=bench, scheduled=True), schedule)
