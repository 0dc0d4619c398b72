"""Stack Overflow Developer Survey: published shares of the libraries respondents have worked with, 2018-2024."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pipeline.archive.importer import ArchiveFile, Importer, Stamp
from pipeline.archive.raw_text import meaning_of, record_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import SurveyCount
from pipeline.reference import known_frameworks
from pipeline.sources.stackoverflow_survey import QUESTIONS

RAW_FILE = "framework_share_official.csv"
_COLUMNS = (
    "year", "group", "option", "published_percent", "frequency", "question_total_respondents",
    "percent_of_question_total", "status",
)  # fmt: skip
_GROUPS = ("all respondents", "professional developers", "learning to code", "other coders")
_OTHER_OPTIONS = ("NumPy", "Pandas", "CUDA", "mlflow")
"""Options of the question that are no frameworks."""
_IS_PRELIMINARY = {"final": False, "PRELIMINARY": True}
_ROUNDING_PERCENT = Decimal("0.0051")


def read_counts(folder: Path, stamp: Stamp) -> Iterator[SurveyCount]:
    """Yield one record per edition, group and option.

    Counts are null where only a percentage was published (2018-2020).

    Raises:
        BadInput: the file is missing or odd, an option or group is new, or a count does not give the percentage beside
            it.
    """
    path = folder / RAW_FILE
    options = {**dict.fromkeys(_OTHER_OPTIONS), **known_frameworks().labels_of("stackoverflow_survey")}
    for cells in text_rows(path, _COLUMNS):
        yield record_of(SurveyCount, path, {**stamp, **_fields(path, dict(zip(_COLUMNS, cells, strict=True)), options)})


def _fields(path: Path, row: Mapping[str, str], options: Mapping[str, str | None]) -> dict[str, object]:
    groups = {name.replace(" ", "_"): name for name in _GROUPS}
    wordings = {year: question.wording_id for year, question in QUESTIONS.items()}
    year = _whole(row, "year")
    question_count = _whole(row, "question_total_respondents")
    respondents_count = _whole(row, "frequency") if row["frequency"] else None
    if respondents_count is not None:
        _require_agreement(row, respondents_count, question_count)
    return {
        "survey": "stackoverflow",
        "edition_year": year,
        "respondent_group": meaning_of(path, "group", groups, row["group"]),
        "option_label": row["option"],
        "framework": meaning_of(path, "option", options, row["option"]),
        "respondents_count": respondents_count,
        "question_count": None if respondents_count is None else question_count,
        "published_fraction": float(_number(row, "published_percent") / 100),
        "is_preliminary": meaning_of(path, "status", _IS_PRELIMINARY, row["status"].split(" ")[0]),
        "wording_id": meaning_of(path, "edition", wordings, year),
    }


def _require_agreement(row: Mapping[str, str], respondents_count: int, question_count: int) -> None:
    """The figures were copied by hand once, so each count has to give the percentage that stands beside it."""
    percent = _number(row, "percent_of_question_total")
    if abs(Decimal(respondents_count) * 100 - percent * question_count) > _ROUNDING_PERCENT * question_count:
        raise BadInput(
            f"{RAW_FILE}, {row['year']} {row['group']} {row['option']}: {respondents_count} of {question_count} is not "
            f"{percent} %; compare the row with its source."
        )


def _number(row: Mapping[str, str], column: str) -> Decimal:
    try:
        return Decimal(row[column])
    except InvalidOperation as error:
        raise BadInput(f"{RAW_FILE}: {column} is {row[column]!r}, not a number; get the raw file again.") from error


def _whole(row: Mapping[str, str], column: str) -> int:
    number = _number(row, column)
    if number != number.to_integral_value():
        raise BadInput(f"{RAW_FILE}: {column} is {number}, not a whole number; get the raw file again.")
    return int(number)


IMPORTER = Importer(
    source_id="stackoverflow_survey",
    raw_folder="stackoverflow_survey",
    files=(ArchiveFile(name="survey_stackoverflow.csv", record=SurveyCount, read=read_counts),),
)
