"""Kaggle Machine Learning & Data Science Survey 2018-2022: which frameworks respondents ticked together."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.archive.base import ArchiveFile, Importer, Stamp
from pipeline.archive.raw_text import record_of
from pipeline.errors import BadInput
from pipeline.records import SurveyCombination

_DATA_SCIENTISTS = "data scientists"
_ML_ENGINEERS = "ML engineers"
_OTHER_TITLES = "other titles"
_GROUP_BY_TITLE = {
    "Data Scientist": _DATA_SCIENTISTS,
    "Machine Learning Engineer": _ML_ENGINEERS,
    "Machine Learning/ MLops Engineer": _ML_ENGINEERS,
}
# Options without their padding, in lower case. `None` is an answer: uses no framework.
_OPTIONS = {
    "scikit-learn": "scikit-learn",
    "tensorflow": "tensorflow",
    "keras": "keras",
    "pytorch": "pytorch",
    "spark mllib": "spark-mllib",
    "spark mlib": "spark-mllib",
    "h20": "h2o",
    "h2o 3": "h2o",
    "fastai": "fastai",
    "fast.ai": "fastai",
    "mxnet": "mxnet",
    "caret": "caret",
    "xgboost": "xgboost",
    "mlr": "mlr",
    "prophet": "prophet",
    "randomforest": "random-forest",
    "lightgbm": "lightgbm",
    "catboost": "catboost",
    "cntk": "cntk",
    "caffe": "caffe",
    "tidymodels": "tidymodels",
    "jax": "jax",
    "pytorch lightning": "pytorch-lightning",
    "huggingface": "transformers",
    "none": "none",
    "other": "other",
}


@dataclass(frozen=True, kw_only=True)
class Edition:
    """Where one year's file keeps the job title and the framework question, whose columns start with `question`."""

    year: int
    title_column: str
    question: str
    wording_id: str

    @property
    def file_name(self) -> str:
        """The compressed original file."""
        return f"kaggle_survey_{self.year}.csv.zst"

    def option_columns(self, header: list[str]) -> list[int]:
        """Return where the options stand; `…_OTHER_TEXT` holds codes of free text and is no option."""
        start = f"{self.question}_"
        return [i for i, name in enumerate(header) if name.startswith(start) and not name.endswith("_TEXT")]


EDITIONS = (
    Edition(year=2018, title_column="Q6", question="Q19", wording_id="kaggle-2018"),
    Edition(year=2019, title_column="Q5", question="Q28", wording_id="kaggle-2019"),
    Edition(year=2020, title_column="Q5", question="Q16", wording_id="kaggle-2019"),
    Edition(year=2021, title_column="Q5", question="Q16", wording_id="kaggle-2019"),
    Edition(year=2022, title_column="Q23", question="Q17", wording_id="kaggle-2019"),
)


def read_combinations(folder: Path, stamp: Stamp) -> Iterator[SurveyCombination]:
    """Yield one record an edition, group and set of options that at least one respondent ticked together.

    Groups are disjoint. The empty set counts those who did not answer the question or were not shown it.

    Raises:
        BadInput: a file is missing, damaged or of another shape, or an option is new.
    """
    for edition in EDITIONS:
        path = folder / edition.file_name
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
        return _counted_rows(path, edition, reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path.name} is no UTF-8 CSV file ({error}); get the raw file again.") from error


def _counted_rows(path: Path, edition: Edition, reader: Iterator[list[str]]) -> Counter[tuple[str, str]]:
    header = next(reader, [])
    options = edition.option_columns(header)
    if edition.title_column not in header or not options:
        raise BadInput(
            f"{path.name} lacks {edition.title_column} or {edition.question}_…; get it again or mend EDITIONS."
        )
    title = header.index(edition.title_column)
    next(reader, None)  # the row below the header holds the questions' texts
    counts: Counter[tuple[str, str]] = Counter()
    for number, cells in enumerate(reader, start=1):
        if len(cells) != len(header):
            raise BadInput(f"{path.name}, respondent {number}: {len(cells)} cells, not {len(header)}; get it again.")
        group = _GROUP_BY_TITLE.get(cells[title].strip(), _OTHER_TITLES)
        counts[group, _combination(path, [cells[i] for i in options])] += 1
    return counts


def _combination(path: Path, cells: list[str]) -> str:
    ticked = [cell.strip() for cell in cells if cell.strip()]
    new = [option for option in ticked if option.lower() not in _OPTIONS]
    if new:
        raise BadInput(f"{path.name}: {new[0]!r} is no known option; decide what it stands for and add it.")
    return "|".join(sorted(_OPTIONS[option.lower()] for option in ticked))


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
