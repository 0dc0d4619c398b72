"""The sources as rows of a table, published or before the first run as they ship; and the headlines."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

import pandas as pd

from pipeline.archive.manifest import read_manifest
from pipeline.claims.claim import Conclusion, Pair
from pipeline.claims.headlines import conclusions
from pipeline.errors import BadInput
from pipeline.metrics.read import read_view
from pipeline.reference import read_frameworks
from pipeline.reference.lists import read_lists

COLUMNS = ("source", "state", "as of", "age in days", "rows", "message", "to do")
NUMERIC = ("age in days", "rows")
HEADLINE_COLUMNS = ("topic", "verdict", "series", "age in days", "soundness", "in words")


def rows_of_health(published_file: Path) -> Iterator[list[str]]:
    """Yield one row per source of the view `source_health`."""
    frame = read_view(published_file, "source_health", order_by=["source_id"])
    frame["as_of"] = pd.to_datetime(frame["as_of"]).dt.strftime("%Y-%m-%d")
    names = ("source_id", "state", "as_of", "age_days", "records", "message", "remedy")
    for row in frame.to_dict("records"):
        yield ["" if pd.isna(row[name]) else str(row[name]) for name in names]


def rows_of_archive(archive_folder: Path) -> Iterator[list[str]]:
    """Yield one row per shipped source."""
    for source in read_manifest(archive_folder).source:
        rows = sum(file.rows_count for file in source.file)
        yield [source.source_id, "shipped", source.as_of.isoformat(), "", str(rows), "", "Run `observatory run`."]


def headlines(published_file: Path, reference_folder: Path, pair: Pair | None = None) -> list[Conclusion]:
    """Return what the page says of each topic; with a `pair`, of these two frameworks.

    Raises:
        BadInput: nothing was published yet, or a framework of the pair is not known.
    """
    unknown = next((name for name in pair or () if name not in read_frameworks(reference_folder)), None)
    if unknown is not None:
        raise BadInput(f"{unknown} is no known framework; name it as its file in data/reference/frameworks is named.")
    return conclusions(partial(read_view, published_file), read_lists(reference_folder).headline, pair)


def rows_of_headlines(said: list[Conclusion]) -> Iterator[list[str]]:
    """Yield one row per topic."""
    for each in said:
        age = "" if each.age_days is None else str(each.age_days)
        yield [each.title, each.verdict, each.series_id, age, each.soundness, each.sentence]


def ages_in_words(said: list[Conclusion]) -> str:
    """Return the median age of the topics that have figures, and which have none."""
    ages = [each.age_days for each in said if each.age_days is not None]
    if not ages:
        return "No topic has figures yet."
    return f"Ages count to the newest day on file; their median over {len(ages)} topics is {median(ages):.0f} days."
