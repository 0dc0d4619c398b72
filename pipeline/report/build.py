"""The page: read the views, word the statements, draw the charts, fill the template, write one file.

And what moved with each refresh, and why, from the view `publication_changes`: a page, and an Atom feed of it.
"""

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Final, NamedTuple
from uuid import NAMESPACE_OID, uuid5

from pipeline.charts.chart import spec_of
from pipeline.charts.registry import charts
from pipeline.claims.wording import Row, is_known
from pipeline.metrics.read import open_published, read_view
from pipeline.reference import known_frameworks
from pipeline.reference.lists import read_lists
from pipeline.report.bundle import compiled
from pipeline.report.reading import Reading
from pipeline.report.template import environment, fill, sheet
from pipeline.settings import Settings
from pipeline.storage import write_whole

MOST_REFRESHES: Final = 60
"""The page and the feed hold the newest; the view holds all."""
_KINDS: Final = ("answer", "share", "comparison", "speed", "claim", "series")
_OWN: Final = uuid5(NAMESPACE_OID, "Framework Observatory, what moved")
_NOT_IN_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


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
    with open_published(published_file):
        reading = Reading(published_file)
        figures = [reading.figure(chart) for chart in charts()]
        drawn = [figure for figure in figures if len(figure.frame)]
        words = reading.words(figures)
        specs = [compiled(spec_of(figure.chart, figure.frame, is_checked=False)) for figure in drawn]
        page = fill(drawn, specs, reading.titles, reading.behind(), withheld=withheld, **words).encode()
    answers = {"over_all": words["over_all"], "answers": words["conclusions"]}
    write_whole(page_file, page)
    write_whole(page_file.with_name("summary.json"), json.dumps(answers, default=vars, indent=1).encode())
    summary = environment(reading.titles).get_template("summary.md").render(words)
    write_whole(page_file.with_name("summary.md"), summary.encode())
    return WrittenPage(page_file=page_file, size_bytes=len(page), charts_count=len(drawn))


def write_changes(published_file: Path, folder: Path) -> None:
    """Write `changes.html` to `folder`, and `changes.atom` where a run has published anything.

    Raises:
        BadInput: nothing was published yet, or the folder cannot be written.
    """
    names = {row.series_id: row.title for row in read_view(published_file, "series").itertuples()}
    names |= {topic.id: topic.title for topic in read_lists(Settings().reference_folder).headline}
    names |= {row.claim_id: f"{row.claim_id}: {row.claim}" for row in read_view(published_file, "claims").itertuples()}
    rows = read_view(published_file, "publication_changes", order_by=("published_at", "release_id", "number_id"))
    found = [_refresh(name, list(moved)) for name, moved in groupby(rows.itertuples(), lambda row: row.release_id)]
    words = {"refreshes": found[: -MOST_REFRESHES - 1 : -1], "names": names, "sheet": sheet()}
    made = environment(known_frameworks().titles)
    write_whole(folder / "changes.html", made.get_template("changes.html").render(words).encode())
    if found and is_known(found[-1]["published_at"]):
        words["feed_id"] = uuid5(_OWN, f"{found[0]['release_id']} and after").urn
        feed = made.get_template("changes.atom").render(words)
        write_whole(folder / "changes.atom", _NOT_IN_XML.sub("", feed).encode())


def _refresh(release_id: str, moved: list[Row]) -> dict[str, object]:
    """Return what one release changed in what the one before had shown, the answers first, and its name in the feed."""
    rows = sorted(moved, key=lambda row: _KINDS.index(row.kind))
    identifier = uuid5(_OWN, release_id).urn
    return {"release_id": release_id, "published_at": moved[0].published_at, "rows": rows, "identifier": identifier}
