"""`observatory run`: the main job."""

from typing import Annotated

from cyclopts import Parameter

from flows.cli.terminal import say, shown_progress
from pipeline.settings import Settings


def run(
    *,
    offline: bool = False,
    quick: bool = False,
    bench: Annotated[bool, Parameter(negative="--no-bench")] = True,
    quiet: bool = False,
) -> int:
    """Do the whole job: load the shipped figures, ask the services, measure this machine, publish, write the page.

    Args:
        offline: Ask no service; use the shipped figures and what was collected before.
        quick: Measure for a shorter time, with wider intervals.
        bench: --no-bench leaves out measuring the installed frameworks on this machine.
        quiet: Show no progress; the summary and errors are still written.
    """
    from flows.params import RefreshParams
    from flows.prefect_server import await_api, prefect_api

    settings = Settings()
    with shown_progress(is_quiet=quiet), prefect_api(settings, "run") as address:
        from flows.refresh import run_refresh

        await_api(address)
        report = run_refresh(RefreshParams(offline=offline, quick=quick, bench=bench))
    say(*report.summary)
    return report.exit_code
