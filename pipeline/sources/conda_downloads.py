"""Anaconda.org: all downloads of a framework's conda package so far, read once a day.

State of late 2026: `ndownloads` is a running total since the package began; files in the newer `.conda` format are
counted only from March 2024 on, and channels that ship on installation media are not counted at all.
"""

from collections.abc import Iterator

from pipeline.fetch.page import Page, Request
from pipeline.fetch.wire import Wire, json_of
from pipeline.records import PeriodCount, Record
from pipeline.records.collected import CollectWindow, Reject
from pipeline.sources.source import THERE_OR_GONE, Source, day, gone, is_gone

NAME = "conda_downloads"
_ADDRESS = "https://api.anaconda.org/package"
# The package that holds the library; builds that install it are left out, since they would count an install twice.
_PACKAGES = (
    ("pytorch", "conda-forge", "pytorch"),
    ("pytorch", "pytorch", "pytorch"),
    ("tensorflow", "conda-forge", "tensorflow-base"),
    ("keras", "conda-forge", "keras"),
    ("jax", "conda-forge", "jax"),
    ("mxnet", "conda-forge", "mxnet"),
    ("paddle", "paddle", "paddlepaddle"),
    ("scikit-learn", "conda-forge", "scikit-learn"),
)


class _Answer(Wire):
    name: str
    ndownloads: int


def _starts(_window: CollectWindow, _has_key: bool) -> Iterator[Request]:
    for framework, channel, package in _PACKAGES:
        yield Request(
            url=f"{_ADDRESS}/{channel}/{package}",
            accepted_statuses=THERE_OR_GONE,
            about=(("framework", framework), ("channel", channel), ("package", package)),
        )


def _parse(page: Page) -> Iterator[Record | Reject]:
    seen_on = page.provenance.seen_at.date()
    package = page.request.detail("package")
    if is_gone(page):
        yield gone(page, NAME, f"{page.request.detail('channel')}/{package}")
        return
    answer = json_of(page, _Answer)
    if answer.name != package:
        error = ValueError(f"the answer is about {answer.name}, not {package}")
        yield Reject.of(page.stamp(NAME), package, error)
        return
    yield PeriodCount(
        measure="downloads",
        subject=f"all downloads so far, channel {page.request.detail('channel')}: {package}",
        framework=page.request.detail("framework"),
        period_start=seen_on,
        period_end=seen_on,
        observed_on=seen_on,
        items_count=answer.ndownloads,
        **page.stamp(NAME),
    )


SOURCE = Source(
    name=NAME,
    title="Anaconda.org: downloads of conda packages",
    series=("downloads.conda",),
    records=(PeriodCount,),
    addresses=(_ADDRESS,),
    terms_url="https://www.anaconda.com/legal",
    licence="Anaconda terms of service; counts only",
    attribution="Anaconda.org",
    seconds_between_requests=1,
    windows=day,
    starts=_starts,
    parse=_parse,
    is_snapshot=True,
)
