"""The refresh as a Prefect deployment that this process serves."""

from flows.params import RefreshParams
from flows.refresh import refresh
from pipeline.errors import BadInput

# After flows.refresh, which prepares the environment that Prefect reads when it is imported.
from prefect.types.entrypoint import EntrypointType  # isort: skip
from prefect.schedules import Cron, Schedule  # isort: skip


def schedule_of(cron: str) -> Schedule:
    """Return the schedule of a cron expression, in UTC.

    Raises:
        BadInput: it is none.
    """
    try:
        return Cron(cron, timezone="UTC")
    except ValueError as error:
        raise BadInput(
            f"{cron!r} is no cron expression (minute, hour, day, month, weekday), e.g. '0 3 * * *'."
        ) from error


def serve_refresh(params: RefreshParams, schedule: Schedule) -> None:
    """Run the refresh whenever the schedule says so, each in a process of its own; returns when it is interrupted.

    A refresh that is due while one runs waits for it. (A limit in Prefect's database would outlive a killed process.)
    """
    refresh.serve(
        name="scheduled",
        schedule=schedule,
        parameters={"params": params.model_dump()},
        limit=1,
        print_starting_message=False,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
