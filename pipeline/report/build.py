"""The page: read the views, word the statements, draw the charts, fill the template, write one file."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.charts.chart import spec_of
from pipeline.charts.registry import charts
from pipeline.errors import BadInput
from pipeline.metrics.read import open_published
from pipeline.report.answers import answers_of
from pipeline.report.bundle import bundling
from pipeline.report.detector_scores import corrections_shown, scores_shown
from pipeline.report.figures import Figure
from pipeline.report.not_compared import not_compared
from pipeline.report.reading import Reading
from pipeline.report.rooflines import roofline
from pipeline.report.run_summary import run_summary
from pipeline.report.sections import SECTIONS
from pipeline.report.special_measurements import special_measurements
from pipeline.report.summary_strip import summary_strip
from pipeline.report.template import fill


@dataclass(frozen=True, kw_only=True)
class WrittenPage:
    """The page as it was written."""

    page_file: Path
    size_bytes: int
    charts_count: int
    """Charts that had rows and were drawn."""


def build_page(published_file: Path, page_file: Path) -> WrittenPage:
    """Write the report on the published figures to `page_file`, replaced as a whole.

    The page is one file that asks nothing of the network. It holds what the views say and nothing else: equal figures
    give equal bytes.

    Raises:
        BadInput: nothing was published yet, or `page_file` cannot be written.
    """
    with bundling() as bundled, open_published(published_file):
        reading = Reading(published_file)
        figures = [reading.figure(chart) for chart in charts()]
        drawn = [figure for figure in figures if len(figure.frame)]
        words = _words(reading, figures)
        specs = [spec_of(figure.chart, figure.frame, is_checked=False) for figure in drawn]
        page = fill(drawn, bundled(specs), reading.titles, **words).encode()
    _write(page_file, page)
    return WrittenPage(page_file=page_file, size_bytes=len(page), charts_count=len(drawn))


def _words(reading: Reading, figures: list[Figure]) -> dict[str, object]:
    """Return everything but the pictures, by the names that the template gives it."""
    newest = reading.view("two_way_newest", order_by=("series_id", "population_rank"))
    return {
        "sections": [
            (section, [each for each in figures if each.chart.section == section.name]) for section in SECTIONS
        ],
        "conclusions": reading.conclusions(),
        "summary_strip": summary_strip(newest, _series_order(figures)),
        "run_summary": run_summary(reading.view("run_history"), reading.health, reading.view("check_results")),
        "scores": scores_shown(reading.view("detector_scores")),
        "corrections": corrections_shown(reading.view("detector_corrected_shares")),
        "special_measurements": special_measurements(
            reading.view("special_measurements", {"is_imported": False}), reading.titles
        ),
        "answers": answers_of(reading.of_machine, reading.titles) if len(reading.of_machine("machines")) else [],
        "roofline": roofline(reading.of_machine("roofline"), reading.titles),
        "not_compared": not_compared(reading.view("performance", {"is_imported": False}), reading.titles),
        "dictionary": reading.dictionary,
    }


def _series_order(figures: list[Figure]) -> list[str]:
    """Return the series in the order of their charts."""
    return [str(each.chart.where["series_id"]) for each in figures if "series_id" in each.chart.where]


def _write(page_file: Path, page: bytes) -> None:
    """Put `page` in place at once, so that a reader never opens half a page."""
    unfinished = page_file.with_name(f".{page_file.name}.part")
    try:
        page_file.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(page)
        unfinished.replace(page_file)
    except OSError as error:
        raise BadInput(
            f"{page_file} could not be written ({error.strerror}); free some space there or set OBSERVATORY_HOME to "
            "another folder."
        ) from error
