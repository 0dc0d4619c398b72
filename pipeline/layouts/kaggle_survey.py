"""Kaggle's survey: where each edition keeps the framework question, and who ticked what together."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.errors import LayoutChanged

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
    published_names: tuple[str, ...]
    """What Kaggle calls the file; the names of 2017 and 2018 are the same, their columns are not."""

    def option_columns(self, header: list[str]) -> list[int]:
        """Return where the options stand; `…_OTHER_TEXT` holds codes of free text and is no option."""
        start = f"{self.question}_"
        return [i for i, name in enumerate(header) if name.startswith(start) and not name.endswith("_TEXT")]


def _edition(year: int, title_column: str, question: str, wording_id: str, published_name: str) -> Edition:
    return Edition(
        year=year,
        title_column=title_column,
        question=question,
        wording_id=wording_id,
        published_names=(f"kaggle_survey_{year}.csv", published_name),
    )


EDITIONS = (
    _edition(2018, "Q6", "Q19", "kaggle-2018", "multipleChoiceResponses.csv"),
    _edition(2019, "Q5", "Q28", "kaggle-2019", "multiple_choice_responses.csv"),
    _edition(2020, "Q5", "Q16", "kaggle-2019", "kaggle_survey_2020_responses.csv"),
    _edition(2021, "Q5", "Q16", "kaggle-2019", "kaggle_survey_2021_responses.csv"),
    _edition(2022, "Q23", "Q17", "kaggle-2019", "kaggle_survey_2022_responses.csv"),
)


def counted(where: str, edition: Edition, rows: Iterator[list[str]]) -> Counter[tuple[str, str]]:
    """Return respondents by group and combination: option ids in alphabetical order joined by `|`.

    Groups are disjoint. The empty combination counts those who did not answer the question or were not shown it.

    Args:
        where: how messages name the file.
        edition: where the file keeps what is counted.
        rows: the file's rows, header first; the row below it holds the questions' texts.

    Raises:
        LayoutChanged: the columns are others, a row is longer or shorter, or an option is new.
    """
    header = next(rows, [])
    options = edition.option_columns(header)
    if edition.title_column not in header or not options:
        raise LayoutChanged(f"{where} lacks {edition.title_column} or {edition.question}_…; get the file again.")
    title = header.index(edition.title_column)
    next(rows, None)
    counts: Counter[tuple[str, str]] = Counter()
    for number, cells in enumerate(rows, start=1):
        if len(cells) != len(header):
            raise LayoutChanged(f"{where}, respondent {number}: {len(cells)} cells, not {len(header)}; get it again.")
        group = _GROUP_BY_TITLE.get(cells[title].strip(), _OTHER_TITLES)
        counts[group, _combination(where, [cells[i] for i in options])] += 1
    return counts


def _combination(where: str, cells: list[str]) -> str:
    ticked = [cell.strip() for cell in cells if cell.strip()]
    new = [option for option in ticked if option.lower() not in _OPTIONS]
    if new:
        raise LayoutChanged(f"{where}: {new[0]!r} is no known option; decide what it stands for and add it.")
    return "|".join(sorted(_OPTIONS[option.lower()] for option in ticked))
