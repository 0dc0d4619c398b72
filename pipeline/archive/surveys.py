"""Surveys: published shares of Stack Overflow's survey, and of Kaggle's which frameworks respondents ticked together.

Of the first, the libraries people worked with, loved and wanted; of the second, the years 2018 to 2022.
"""

import csv
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from pipeline.archive.importer import Fields, Importer, count_of, decimal_of, meaning_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import SurveyCombination, SurveyCount
from pipeline.reference import known_frameworks
from pipeline.sources.kaggle_survey import EDITIONS, Edition, counted, fields_of
from pipeline.sources.stackoverflow_survey import QUESTIONS

STACKOVERFLOW_IMPORTER = Importer("stackoverflow_survey")
RAW_FILE = "framework_share_official.csv"
OPINIONS_FILE = "loved_dreaded_wanted_2018_2020.csv"
_COLUMNS = (
    "year", "group", "option", "published_percent", "frequency", "question_total_respondents",
    "percent_of_question_total", "status",
)  # fmt: skip
_GROUPS = ("all respondents", "professional developers", "learning to code", "other coders")
_OTHER_OPTIONS = ("NumPy", "Pandas", "CUDA", "mlflow")
"""Options of the question that are no frameworks."""
_IS_PRELIMINARY = {"final": False, "PRELIMINARY": True}
_ROUNDING_PERCENT = Decimal("0.0051")


@STACKOVERFLOW_IMPORTER.file("survey_stackoverflow.csv", SurveyCount, RAW_FILE)
def _counts(path: Path) -> Iterator[Fields]:
    """Yield one record per edition, group and option.

    Counts are null where only a percentage was published (2018-2020).
    """
    options = {**dict.fromkeys(_OTHER_OPTIONS), **known_frameworks().labels_of("stackoverflow_survey")}
    groups = {name.replace(" ", "_"): name for name in _GROUPS}
    wordings = {year: question.wording_id for year, question in QUESTIONS.items()}
    for year_text, group, option, share, frequency, total, percent, status in text_rows(path, _COLUMNS):
        year = count_of(path, "year", year_text)
        yield {
            "survey": "stackoverflow",
            "edition_year": year,
            "respondent_group": meaning_of(path, "group", groups, group),
            "option_label": option,
            "framework": meaning_of(path, "option", options, option),
            "published_fraction": float(decimal_of(path, "published_percent", share) / 100),
            "is_preliminary": meaning_of(path, "status", _IS_PRELIMINARY, status.split(" ")[0]),
            "wording_id": meaning_of(path, "edition", wordings, year),
            **(_counted(path, frequency, total, percent) if frequency else {}),
        }


def _counted(path: Path, frequency: str, total: str, percent: str) -> Fields:
    """Return the counts; they were copied by hand once, so each has to give the percentage that stands beside it."""
    count = count_of(path, "frequency", frequency.removesuffix(".0"))
    question_count = count_of(path, "question_total_respondents", total)
    published = decimal_of(path, "percent_of_question_total", percent)
    if abs(Decimal(count) * 100 - published * question_count) > _ROUNDING_PERCENT * question_count:
        raise BadInput(f"{path}: {count} of {question_count} is not {published} %; compare the row with its source.")
    return {"respondents_count": count, "question_count": question_count}


@STACKOVERFLOW_IMPORTER.file("survey_stackoverflow_opinions.csv", SurveyCount, OPINIONS_FILE)
def _opinions(path: Path) -> Iterator[Fields]:
    """Yield the shares of users who want to go on with a framework, and of the others who want to begin with it.

    What the publisher calls dreaded is the rest of the first to one.
    """
    options = known_frameworks().labels_of("stackoverflow_survey")
    columns = ("year", "option", "loved_pct", "dreaded_pct", "wanted_pct", "status")
    for year_text, option, loved, dreaded, wanted, status in text_rows(path, columns):
        percents = {"loved": decimal_of(path, "loved_pct", loved), "wanted": decimal_of(path, "wanted_pct", wanted)}
        if abs(percents["loved"] + decimal_of(path, "dreaded_pct", dreaded) - 100) > _ROUNDING_PERCENT:
            raise BadInput(f"{path}: {option} is loved by {loved} % and dreaded by {dreaded} %; compare the row.")
        for opinion, percent in percents.items():
            yield {
                "survey": "stackoverflow opinions",
                "edition_year": count_of(path, "year", year_text),
                "respondent_group": opinion,
                "option_label": option,
                "framework": meaning_of(path, "option", options, option),
                "published_fraction": float(percent / 100),
                "is_preliminary": meaning_of(path, "status", _IS_PRELIMINARY, status),
                "wording_id": f"so-{opinion}",
            }


KAGGLE_IMPORTER = Importer("kaggle_survey")


@KAGGLE_IMPORTER.file("survey_kaggle.csv", SurveyCombination, f"kaggle_survey_{EDITIONS[0].year}.csv.zst")
def _combinations(first_path: Path) -> Iterator[Fields]:
    """Yield the fields of one record per edition, group and set of options that a respondent ticked together.

    Groups are disjoint. The empty set counts those who did not answer the question or were not shown it.
    """
    for edition in EDITIONS:
        path = first_path.with_name(f"kaggle_survey_{edition.year}.csv.zst")
        yield from fields_of(edition, _unpacked_counts(path, edition))


def _unpacked_counts(path: Path, edition: Edition) -> Counter[tuple[str, str]]:
    """Return respondents by group and combination."""
    if not path.is_file():
        raise BadInput(f"{path} is missing; put the raw file there.")
    try:
        import zstandard  # noqa: PLC0415 - an extra that only reading these raw files needs

        with zstandard.open(path, "rt", encoding="utf-8-sig", newline="") as text:
            return counted(path.name, edition, csv.reader(text))
    except ModuleNotFoundError as error:
        raise BadInput("The raw Kaggle files are compressed; install the extra `archive` to read them.") from error
    except (OSError, zstandard.ZstdError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path.name} is no CSV file packed with zstd ({error}); get the raw file again.") from error
