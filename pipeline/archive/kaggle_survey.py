"""Kaggle Machine Learning & Data Science Survey 2018-2022: which frameworks respondents ticked together."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipeline.archive.importer import ArchiveFile, Fields, Importer
from pipeline.errors import BadInput
from pipeline.records import SurveyCombination
from pipeline.sources.kaggle_survey import EDITIONS, Edition, counted, fields_of


def _combinations(first_path: Path) -> Iterator[Fields]:
    """Yield the fields of one record per edition, group and set of options that a respondent ticked together.

    Groups are disjoint. The empty set counts those who did not answer the question or were not shown it.
    """
    for edition in EDITIONS:
        path = first_path.with_name(f"kaggle_survey_{edition.year}.csv.zst")
        yield from fields_of(edition, _counted(path, edition))


def _counted(path: Path, edition: Edition) -> Counter[tuple[str, str]]:
    """Return respondents by group and combination."""
    try:
        import zstandard  # noqa: PLC0415 - an extra that only reading these raw files needs

        with zstandard.open(path, "rt", encoding="utf-8-sig", newline="") as text:
            return counted(path.name, edition, csv.reader(text))
    except ModuleNotFoundError as error:
        raise BadInput("The raw Kaggle files are compressed; install the extra `archive` to read them.") from error
    except FileNotFoundError as error:
        raise BadInput(f"{path} is missing; put the raw file there.") from error
    except (zstandard.ZstdError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path.name} is no CSV file packed with zstd ({error}); get the raw file again.") from error


IMPORTER = Importer(
    "kaggle_survey",
    ArchiveFile("survey_kaggle.csv", SurveyCombination, f"kaggle_survey_{EDITIONS[0].year}.csv.zst", _combinations),
)
