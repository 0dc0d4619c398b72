"""Anaconda.org: all downloads of a framework's conda package so far, read once a day.

State of late 2026: `ndownloads` is a running total since the package began; files in the newer `.conda` format are
counted only from March 2024 on, and channels that ship on installation media are not counted at all.
"""

from collections.abc import Iterator

from pipeline.fetch.page import Page
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import Record, Reject
from pipeline.sources.source import Totals, daily, entry_of, package_requests

NAME = "conda_downloads"
_TOTALS = Totals(NAME, "downloads")
_ADDRESS = "https://api.anaconda.org/package"


class _Answer(Wire):
    name: str
    ndownloads: int


def _parse(page: Page) -> Iterator[Record | Reject]:
    package, channel = page.request.detail("package"), page.request.detail("channel")
    answer = json_of(page, _Answer)
    if answer.name != package:
        yield Reject.of(page.stamp(NAME), package, ValueError(f"the answer is about {answer.name}, not {package}"))
        return
    subject = f"all downloads so far, channel {channel}: {package}"
    yield from _TOTALS.rows(page, subject, answer.ndownloads)


SOURCE = daily(
    **entry_of(NAME, _ADDRESS),
    # Builds that install the asked ones are left out, since they would count an install twice.
    starts=lambda _window, _has_key: package_requests("conda", f"{_ADDRESS}/{{channel}}/{{name}}", asked=True),
    parse=_parse,
)
