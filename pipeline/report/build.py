"""The page: read the views, word the statements, draw the charts, fill the template, write one file."""

import json
from pathlib import Path
from typing import NamedTuple

from pipeline.charts.chart import spec_of
from pipeline.charts.registry import charts
from pipeline.metrics.read import open_published
from pipeline.report.bundle import bundling
from pipeline.report.reading import Reading
from pipeline.report.template import environment, fill
from pipeline.storage import write_whole


class WrittenPage(NamedTuple):
    """The page as it was written."""

    page_file: Path
    size_bytes: int
    charts_count: int
    """Charts that had rows and were drawn."""


def build_page(published_file: Path, page_file: Path, withheld: str = "") -> WrittenPage:
    """Write the report on the published figures to `page_file`, replaced as a whole.

    The page is one file that asks nothing of the network. It holds what the views say and, where a newer run was
    withheld, why: equal figures give equal bytes. Its answers stand beside it as `summary.md` and `summary.json`.

    Raises:
        BadInput: nothing was published yet, or `page_file` cannot be written.
    """
    with bundling() as bundled, open_published(published_file):
        reading = Reading(published_file)
        figures = [reading.figure(chart) for chart in charts()]
        drawn = [figure for figure in figures if len(figure.frame)]
        words = reading.words(figures)
        specs = [spec_of(figure.chart, figure.frame, is_checked=False) for figure in drawn]
        page = fill(drawn, bundled(specs), reading.titles, reading.behind(), withheld=withheld, **words).encode()
    answers = {"over_all": words["over_all"], "answers": words["conclusions"]}
    write_whole(page_file, page)
    write_whole(page_file.with_name("summary.json"), json.dumps(answers, default=vars, indent=1).encode())
    summary = environment(reading.titles).get_template("summary.md").render(words)
    write_whole(page_file.with_name("summary.md"), summary.encode())
    return WrittenPage(page_file=page_file, size_bytes=len(page), charts_count=len(drawn))
