"""Stack Overflow Developer Survey: published shares of the libraries people worked with, loved and wanted."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from pipeline.archive.importer import ArchiveFile, Fields, Importer
from pipeline.archive.raw_text import count_of, decimal_of, meaning_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import SurveyCount
from pipeline.reference import known_frameworks
from pipeline.sources.stackoverflow_survey import QUESTIONS

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


IMPORTER = Importer(
    "stackoverflow_survey",
    ArchiveFile("survey_stackoverflow.csv", SurveyCount, RAW_FILE, _counts),
    ArchiveFile("survey_stackoverflow_opinions.csv", SurveyCount, OPINIONS_FILE, _opinions),
)
