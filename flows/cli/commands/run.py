"""`observatory run`: the main job."""

from flows.cli.terminal import say, shown_progress
from flows.params import USUAL, RefreshParams
from pipeline.settings import Settings


def run(*, choices: RefreshParams = USUAL, quiet: bool = False) -> int:
    """Do the whole job: load the shipped figures, ask the services, measure this machine, publish, write the page.

    Args:
        choices: What of it is done.
        quiet: Show no progress; the summary and errors are still written.
    """
    from flows.prefect_server import await_api, prefect_api

    choices.refuse_idle_cluster()
    settings = Settings()
    with shown_progress(is_quiet=quiet), prefect_api(settings, "run") as address:
        from flows.refresh import run_refresh

        report = run_refresh(choices, lambda: await_api(address))
    say(*report.summary)
    return report.exit_code
