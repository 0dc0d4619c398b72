"""`observatory serve`: refresh at set times."""

from flows.cli.terminal import say
from flows.params import USUAL, RefreshParams
from pipeline.settings import Settings


def serve(*, choices: RefreshParams = USUAL, cron: str = "0 3 * * *") -> None:
    """Refresh at set times until stopped with Ctrl-C, one refresh at a time; one that was missed is caught up with.

    Args:
        choices: What of a refresh is done.
        cron: When to refresh, as minute, hour, day, month and weekday, in UTC.
    """
    from flows.prefect_server import await_api, password_file, prefect_api

    choices = choices.model_copy(update={"scheduled": True})
    choices.refuse_idle_cluster()
    settings = Settings()
    with prefect_api(settings, "serve") as address:
        from flows.refresh import schedule_of, serve_refresh

        schedule = schedule_of(cron)
        await_api(address)
        pages, file = address.removesuffix("/api"), password_file(settings)
        password = f"; {file} holds the password they ask for" if file.exists() else ""
        say(f"Refreshing at {cron} (UTC). Runs are shown at {pages}{password}. Ctrl-C ends this.")
        serve_refresh(settings, choices, schedule, say)
