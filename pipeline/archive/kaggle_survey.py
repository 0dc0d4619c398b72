"""Kaggle Machine Learning & Data Science Survey 2018-2022: which frameworks respondents ticked together."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipeline.archive.importer import ArchiveFile, Importer, Stamp
from pipeline.archive.raw_text import read_like_its_source, record_of
from pipeline.errors import BadInput
from pipeline.records import SurveyCombination
from pipeline.sources.kaggle_survey import EDITIONS, Edition, counted, fields_of


def read_combinations(folder: Path, stamp: Stamp) -> Iterator[SurveyCombination]:
    """Yield one record per edition, group and set of options that at least one respondent ticked together.

    Groups are disjoint. The empty set counts those who did not answer the question or were not shown it.

    Raises:
        BadInput: a file is missing, damaged or of another shape, or an option is new.
    """
    for edition in EDITIONS:
        path = folder / f"kaggle_survey_{edition.year}.csv.zst"
        for fields in fields_of(edition, _counted(path, edition)):
            yield record_of(SurveyCombination, path, {**stamp, **fields})


def _counted(path: Path, edition: Edition) -> Counter[tuple[str, str]]:
    """Return respondents by group and combination."""
    try:
        reader = csv.reader(io.StringIO(_decompressed(path).decode("utf-8-sig"), newline=""))
        with read_like_its_source():
            return counted(path.name, edition, reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path.name} is no UTF-8 CSV file ({error}); get the raw file again.") from error


def _decompressed(path: Path) -> bytes:
    try:
        import zstandard  # noqa: PLC0415 - an extra that only reading these raw files needs

        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
            return stream.read()
    except ModuleNotFoundError as error:
        raise BadInput("The raw Kaggle files are compressed; install the extra `archive` to read them.") from error
    except FileNotFoundError as error:
        raise BadInput(f"{path} is missing; put the raw file there.") from error
    except zstandard.ZstdError as error:
        raise BadInput(f"{path.name} is no zstd file ({error}); get the raw file again.") from error


IMPORTER = Importer(
    source_id="kaggle_survey",
    raw_folder="kaggle_survey",
    files=(ArchiveFile(name="survey_kaggle.csv", record=SurveyCombination, read=read_combinations),),
)
