"""The main job as one Prefect flow, run at once or at set times: a task per source and step.

No run counts as complete with a part missing.
"""

import asyncio
import atexit
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import cast
from uuid import UUID

from cronsim import CronSim, CronSimError
from httpx import HTTPError

from flows.dask import cluster_scanner
from flows.params import RefreshParams
from flows.prefect_server import prefect_environment
from pipeline.bench.plan import BenchOptions
from pipeline.clock import now_utc
from pipeline.errors import BadInput, Interrupted, ObservatoryError, Transient
from pipeline.jobs import collect
from pipeline.jobs.audit import audit_in
from pipeline.jobs.collect import archived_sources, label_papers, load_archived, shipped_digest
from pipeline.jobs.context import JobContext, open_job
from pipeline.jobs.paper_code import FILE_SECONDS
from pipeline.jobs.publish import finish, release
from pipeline.jobs.releases import page_writer
from pipeline.jobs.run_log import kept_log, tell_webhook
from pipeline.log import logger
from pipeline.metrics.read import read_view
from pipeline.settings import Settings
from pipeline.sources import paper_code
from pipeline.sources.registry import SOURCES

# Standard error is closed at the very end of the process (what is registered first is called last): Prefect's threads
# outlive the interpreter and hold on to classes of DuckDB, whose binding then prints forty lines.
atexit.register(lambda: os.dup2(os.open(os.devnull, os.O_WRONLY), 2))
# Prefect reads its settings when it is imported, and a scheduled run imports this module first of all.
os.environ |= prefect_environment(Settings(), os.environ)

from prefect import Task, flow, task  # noqa: E402
from prefect.cache_policies import NO_CACHE  # noqa: E402
from prefect.client.orchestration import PrefectClient, get_client  # noqa: E402
from prefect.client.schemas.objects import State  # noqa: E402
from prefect.exceptions import ObjectNotFound, PrefectException  # noqa: E402
from prefect.runner import Runner  # noqa: E402
from prefect.schedules import Cron, Schedule  # noqa: E402
from prefect.states import Completed, Failed  # noqa: E402
from prefect.types.entrypoint import EntrypointType  # noqa: E402

_LOG = logger("refresh")
_PAGE, _SCHEDULED = "report", "scheduled"

Call = tuple[str, Callable[..., str], tuple[object, ...]]
"""A step: its name, what it does, and with what."""


@dataclass(frozen=True)
class StepOutcome:
    """How one step ended."""

    name: str
    sentence: str
    """Its result, or why it failed."""
    error: BaseException | None = None


@dataclass(kw_only=True)
class RefreshReport:
    """How a refresh went, in the order of its steps."""

    run_id: str
    outcomes: list[StepOutcome] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """Sentences for a person that are no failures."""
    has_alerts: bool = False
    """Whether nobody looks and some of the remarks should be looked at."""

    @property
    def failures(self) -> list[str]:
        """One sentence per failed step."""
        return [f"{outcome.name}: {outcome.sentence}" for outcome in self.outcomes if outcome.error]

    @property
    def exit_code(self) -> int:
        """Exit code of the command: 0, 1 where a step failed or an alert was given, 130 where one was interrupted."""
        if any(isinstance(outcome.error, Interrupted) for outcome in self.outcomes):
            return Interrupted.exit_code
        return 1 if self.failures or self.has_alerts else 0

    @property
    def summary(self) -> list[str]:
        """The summary for people: what failed, what was left out, and where the page is."""
        page = [each.sentence for each in self.outcomes if each.name == _PAGE and not each.error]
        return self.failures + self.remarks + (page or ["The page was not made anew; the one of an earlier run stays."])

    def attempt(self, name: str, step: Callable[..., str], *arguments: object) -> bool:
        """Run one step as a Prefect task of that name, keep how it ended, and return whether it went well."""
        # Prefect's annotations know a task's result, and not that the state was asked for.
        return self._keep(name, cast("State[str]", _as_task(name, step)(*arguments, return_state=True)))

    def attempt_all(self, calls: Sequence[Call]) -> None:
        """Run steps beside each other, e.g. services that each wait for their own pace; keep their order."""
        futures = [_as_task(name, step).submit(*arguments) for name, step, arguments in calls]
        for (name, _, _), future in zip(calls, futures, strict=True):
            future.wait()
            self._keep(name, future.state)

    def attempt_again(self, calls: Sequence[Call], wait: Callable[[], None]) -> None:
        """After a wait, take the steps once more whose service was out of order; what counts is how they end then."""
        down = [each for each in self.outcomes if isinstance(each.error, Transient)]
        if again := [call for call in calls if call[0] in {each.name for each in down}]:
            _LOG.info("%s: asked once more after a wait", ", ".join(name for name, _, _ in again))
            wait()
            self.outcomes = [each for each in self.outcomes if each not in down]
            self.attempt_all(again)

    def _keep(self, name: str, state: State[str]) -> bool:
        result = state.result(raise_on_failure=False)
        if isinstance(result, BaseException):
            _LOG.error("%s failed", name, exc_info=result)
            sentence = str(result) if isinstance(result, ObservatoryError) else f"{type(result).__name__}: {result}"
            self.outcomes.append(StepOutcome(name, sentence, result))
            return False
        _LOG.info("%s", result)
        self.outcomes.append(StepOutcome(name, result))
        return True


@flow(name="refresh", flow_run_name="refresh {params.mode}")
def refresh(params: RefreshParams) -> State[RefreshReport]:
    """Load the shipped figures, ask the services, measure this machine, check, publish, and write the page.

    A step that fails is recorded, the rest goes on, the page is still made and says so; the run is then Failed.
    """
    params.refuse_idle_cluster()
    settings = Settings()
    with kept_log(settings), open_job(settings, params.mode, shipped_digest(settings)) as job:
        state = _refreshed(job, params)
        # Prefect raises what a failed run returns, which a report is not made for; the message says what failed.
        return state if state.is_completed() else Failed(message=state.message)


def _refreshed(job: JobContext, params: RefreshParams) -> State[RefreshReport]:
    settings, report = job.settings, RefreshReport(run_id=job.run_id)
    _gather(job, params, report)
    job.failures.extend(report.failures)
    with page_writer() as write_page:
        is_published = report.attempt("publish", release, job)
        withheld = "" if is_published else "; ".join(report.failures)
        has_page = settings.published_file.exists() and report.attempt(_PAGE, write_page, withheld)
    if not (is_published and has_page):
        finish(job, "failed", report.failures)
    report.remarks += job.alerts + job.remarks
    report.has_alerts = params.scheduled and bool(job.alerts)
    tell_webhook(settings, report.failures)
    if not report.failures:
        return Completed(message=f"{len(report.outcomes)} steps, all well.", data=report)
    message = f"{len(report.failures)} of {len(report.outcomes)} steps failed. " + " ".join(report.failures)
    return Failed(message=message, data=report)


def _as_task(name: str, step: Callable[..., str]) -> "Task[..., str]":
    # No result is cached: a step's result is what it leaves in the warehouse.
    return task(name=step.__name__, task_run_name=name, cache_policy=NO_CACHE)(step)


def run_refresh(params: RefreshParams, await_prefect: Callable[[], None] = lambda: None) -> RefreshReport:
    """Run the flow here and now, and return how it went. The warehouse is prepared before Prefect is waited for.

    Raises:
        Busy: another run holds the warehouse.
        BadInput: a folder cannot be written, a reference list is wrong, or no Prefect answers.
    """
    settings = Settings()
    with kept_log(settings), open_job(settings, params.mode, shipped_digest(settings)) as job:
        await_prefect()

        @flow(name=refresh.name, flow_run_name=refresh.flow_run_name)
        def prepared(params: RefreshParams) -> State[RefreshReport]:
            return _refreshed(job, params)

        state = cast("State[RefreshReport]", prepared(params, return_state=True))
        result = state.result(raise_on_failure=False)
        if isinstance(result, BaseException):
            raise result
        return result


def _gather(job: JobContext, params: RefreshParams, report: RefreshReport) -> None:
    """Bring everything that is new into the warehouse; nothing that fails keeps the rest from coming in."""
    try:
        shipped = archived_sources(job.settings)
    except ObservatoryError as error:
        shipped = []
        report.outcomes.append(StepOutcome("archive", str(error), error))
    for source in shipped:
        report.attempt(source.source_id, load_archived, job, source)
    if not params.offline and SOURCES:
        asked = [source for source in SOURCES if not source.is_long and (params.scheduled or not source.is_scheduled)]
        collection = collect.open_collection(job, [*SOURCES, *([paper_code.SERVICE] if params.scheduled else [])])
        report.remarks += collect.remarks(collection)
        calls: list[Call] = [(each.name, collect.collect_source, (job, collection, each)) for each in asked]
        report.attempt_all(calls)
        if params.scheduled:
            # Once the links of the newest papers are in.
            code: Call = (paper_code.SERVICE.name, read_code, (job, collection, params.cluster))
            report.attempt_all([code])
            report.attempt_again([*calls, code], partial(collection.context.sleep, job.settings.bad_hour_seconds))
            report.attempt("raw answers", collect.prune_answers, collection)
        report.attempt("paper labels", label_papers, job)
    report.attempt("audit", audit_in, job)
    if params.bench:
        from pipeline.jobs import bench  # noqa: PLC0415 — its statistics take 50 MiB to import

        options = BenchOptions(cache_folder=job.settings.data_folder / "bench", quick=params.quick)
        report.attempt("benchmarks", bench.measure, job, options)


def read_code(job: JobContext, collection: collect.Collection, cluster: str | None) -> str:
    """Read a night's code of new papers as `collect_source` does, on the Dask cluster where a scheduler is named."""
    if cluster is None:
        return collect.collect_source(job, collection, paper_code.SERVICE)
    with cluster_scanner(job.settings, cluster, FILE_SECONDS) as scanner:
        return collect.collect_source(replace(job, scanner=scanner), collection, paper_code.SERVICE)


def schedule_of(cron: str) -> Schedule:
    """Return the schedule of a cron expression, in UTC.

    Raises:
        BadInput: it is none.
    """
    try:
        return Cron(cron, timezone="UTC")
    except ValueError as error:
        raise BadInput(f"{cron!r} is no cron expression (minute, hour, day, month, weekday): '0 3 * * *'.") from error


def missed_moment(cron: str | None, since: datetime | None, now: datetime) -> datetime | None:
    """Return the last moment after `since` and until `now` at which a refresh was due; null where there is none."""
    with suppress(CronSimError):  # Prefect knows some expressions more
        if cron and since:
            due: datetime = next(CronSim(cron, now, reverse=True))
            return due if due > since else None
    return None


def serve_refresh(
    settings: Settings, params: RefreshParams, schedule: Schedule, tell: Callable[[str], None], check_seconds: int = 20
) -> None:
    """Run the refresh whenever the schedule says so, each in a process of its own; returns when it is interrupted.

    A refresh that is due while one runs waits for it. (A limit in Prefect's database would outlive a killed process.)
    What was wrong with the schedule is told, also to the webhook.
    """

    def report(sentence: str) -> None:
        tell(sentence)
        tell_webhook(settings, [sentence])

    async def serve() -> None:
        # What was removed cannot be paused at the end; and runs of an older schedule go when it is registered.
        runner = Runner(name=_SCHEDULED, limit=1, pause_on_shutdown=False)
        register = partial(
            runner.aadd_flow,
            refresh,
            _SCHEDULED,
            schedule=schedule,
            parameters={"params": params.model_dump()},
            paused=False,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        await register()
        last = _last_refresh(settings, params.mode)
        keeping = asyncio.create_task(_keep(register, schedule.cron, last, report, check_seconds))
        try:
            await runner.start()
        finally:
            keeping.cancel()

    with suppress(KeyboardInterrupt):
        asyncio.run(serve())


async def _keep(
    register: Callable[[], Awaitable[UUID]],
    cron: str | None,
    since: datetime | None,
    report: Callable[[str], None],
    check_seconds: int,
) -> None:
    """Look at the schedule again and again: what was paused, removed or changed is reported, restored, caught up."""
    # The runner's own handler, set by now, ends without ending itself.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    wanted: list[tuple[bool, object]] = []
    deployment = await register()
    async with get_client() as client:
        while True:
            with suppress(HTTPError, PrefectException):  # a server that does not answer is asked again
                found = await _schedules(client, deployment)
                if wanted and found != wanted:
                    word = "removed" if not found else "changed" if all(active for active, _ in found) else "paused"
                    deployment = await register()
                    await asyncio.to_thread(report, f"The schedule was {word}; it is restored.")
                if found != wanted:
                    wanted = await _schedules(client, deployment)
                    if missed := missed_moment(cron, since, now_utc()):
                        sentence = f"The refresh of {missed:%Y-%m-%d %H:%M} UTC was missed; it runs now."
                        await asyncio.to_thread(report, sentence)
                        await client.create_flow_run_from_deployment(deployment)
                since = now_utc()
            await asyncio.sleep(check_seconds)


async def _schedules(client: PrefectClient, deployment: UUID) -> list[tuple[bool, object]]:
    """Return the schedules of a deployment with whether each is in force; none where it was removed."""
    try:
        found = await client.read_deployment(deployment)
    except ObjectNotFound:
        return []
    return [(each.active and not found.paused, each.schedule) for each in found.schedules]


def _last_refresh(settings: Settings, mode: str) -> datetime | None:
    """Return when the last published refresh of the same choices began; null where none is on file."""
    with suppress(ObservatoryError):
        runs = read_view(settings.published_file, "run_history", {"mode": mode})
        if not runs.empty:
            return cast("datetime", runs["started_at"].max().to_pydatetime().replace(tzinfo=UTC))
    return None
