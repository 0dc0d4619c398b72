"""The one list of charts, in the order of the page."""

from importlib import import_module

from pipeline.charts.chart import Chart
from pipeline.reference import known_frameworks

_FILES = ("papers", "surveys", "developers", "downloads", "firmness", "performance")
CHARTS: tuple[Chart, ...] = tuple(chart for name in _FILES for chart in import_module(f"pipeline.charts.{name}").CHARTS)


def charts() -> list[Chart]:
    """Return every chart with the frameworks of the registry, in the order of the page."""
    known = known_frameworks()
    return [chart.of(known) for chart in CHARTS]
