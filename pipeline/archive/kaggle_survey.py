"""Kaggle Machine Learning & Data Science Survey 2018-2022: which frameworks respondents ticked together."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pipeline.archive.importer import ArchiveFile, Importer, Stamp
from pipeline.archive.raw_text import read_like_its_source, record_of
from pipeline.errors import BadInput
from pipeline.records import SurveyCombination
from pipeline.sources.kaggle_survey import EDITIONS, Edition, counted


def read_combinations(folder: Path, stamp: Stamp) -> Iterator[SurveyCombination]:
    """Yield one record an edition, group and set of options that at least one respondent ticked together.

    Groups are disjoint. The empty set counts those who did not answer the question or were not shown it.

    Raises:
        BadInput: a file is missing, damaged or of another shape, or an option is new.
    """
    for edition in EDITIONS:
        path = folder / f"kaggle_survey_{edition.year}.csv.zst"
        for (group, combination), respondents_count in _counted(path, edition).items():
            fields = {
                **stamp.fields,
                "survey": "kaggle",
                "edition_year": edition.year,
                "respondent_group": group,
                "combination": combination,
                "respondents_count": respondents_count,
                "wording_id": edition.wording_id,
            }
            yield record_of(SurveyCombination, path, fields)


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
    title="Kaggle Machine Learning & Data Science Survey, multiple-choice answers 2018-2022",
    raw_folder="kaggle_survey",
    public_address="https://www.kaggle.com/competitions/kaggle-survey-2022/data",
    licence="CC BY 2.0 (2020-2022, by their methodology papers); not stated in the files of 2018 and 2019",
    attribution="Kaggle Machine Learning & Data Science Survey 2018-2022, Kaggle Inc.",
    as_of=date(2022, 10, 17),
    notes=(
        "as_of is the day the copy of the 2022 file, the newest here, was taken; the survey was not repeated.",
        "Counted from the answers of 23,859 / 19,717 / 20,036 / 25,973 / 23,997 respondents (2018-2022).",
        "Framework question: Q19 in 2018, Q28 in 2019, Q16 in 2020 and 2021, Q17 in 2022.",
        "2018 asked for the past 5 years, later editions for regular use: 2018 is no part of the later series.",
        (
            "The question was shown to respondents who write code; others and those who skipped it have the empty "
            "combination and are not in the base."
        ),
        "The literal answer `None` (uses no framework) is stored as none, `Other` as other; free text is left out.",
        (
            "Groups by job title: `data scientists` (Data Scientist), `ML engineers` (Machine Learning Engineer "
            "2020-2021, Machine Learning/ MLops Engineer 2022); `other titles` is everybody else, students, people "
            "without work and those who gave no title included. In 2018 and 2019 there was no such engineer title to "
            "choose."
        ),
        "Since 2022 only people in work were asked for their job title.",
        (
            "Option names follow the list: H20 and H2O 3 are h2o, Fastai and Fast.ai fastai, Spark MLlib and Spark "
            "MLib spark-mllib, Huggingface transformers; the lists differ from year to year."
        ),
        "PyTorch Lightning and Huggingface are options of their own since 2021.",
        (
            "The shares of data scientists are those of Kaggle's reports of 2020 and 2021 to a tenth of a percent, "
            "but for scikit-learn in 2020: 82.9 % here (2,023 of 2,440), 82.8 % there."
        ),
    ),
    files=(ArchiveFile(name="survey_kaggle.csv", record=SurveyCombination, read=read_combinations),),
)
