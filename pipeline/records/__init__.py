"""What we store: one frozen, closed pydantic model a kind.

`RECORDS` is the one list of kinds; a new kind is one class and one line here, and one migration for its table.
"""

from pipeline.records.base import Record
from pipeline.records.downloads import DownloadList, DownloadWindow
from pipeline.records.papers import CodeAvailability, CompetitionEntry, PaperCount, PaperLabel
from pipeline.records.repositories import RepositoryDay
from pipeline.records.surveys import SurveyCombination, SurveyCount

RECORDS: tuple[type[Record], ...] = (
    PaperCount,
    PaperLabel,
    CodeAvailability,
    CompetitionEntry,
    SurveyCount,
    SurveyCombination,
    RepositoryDay,
    DownloadWindow,
    DownloadList,
)

__all__ = [
    "RECORDS",
    "CodeAvailability",
    "CompetitionEntry",
    "DownloadList",
    "DownloadWindow",
    "PaperCount",
    "PaperLabel",
    "Record",
    "RepositoryDay",
    "SurveyCombination",
    "SurveyCount",
]
