"""The stored records: one frozen, closed pydantic model per kind.

`RECORDS` lists the kinds; a new kind is one class, named here, and one migration for its table.
"""

from pipeline.records.counts import DownloadList, DownloadWindow, PeriodCount
from pipeline.records.evidence import (
    CorrectedShare,
    DetectorLabel,
    Evidence,
    LabelBalance,
    LabelDraw,
    OwnFramework,
    ScannedFile,
    ScannedSubject,
)
from pipeline.records.papers import (
    CodeAvailability,
    CompetitionEntry,
    Paper,
    PaperCount,
    PaperLabel,
    PaperRepository,
    SampledRepository,
    SamplingFrame,
)
from pipeline.records.record import Record
from pipeline.records.repositories import DrawnCodeLabel, DrawnRepository, RepositoryDay, RepositoryState
from pipeline.records.surveys import SurveyCombination, SurveyCount, SurveyTally

RECORDS: tuple[type[Record], ...] = tuple(Record.__subclasses__())

__all__ = [
    "RECORDS",
    "CodeAvailability",
    "CompetitionEntry",
    "CorrectedShare",
    "DetectorLabel",
    "DownloadList",
    "DownloadWindow",
    "DrawnCodeLabel",
    "DrawnRepository",
    "Evidence",
    "LabelBalance",
    "LabelDraw",
    "OwnFramework",
    "Paper",
    "PaperCount",
    "PaperLabel",
    "PaperRepository",
    "PeriodCount",
    "Record",
    "RepositoryDay",
    "RepositoryState",
    "SampledRepository",
    "SamplingFrame",
    "ScannedFile",
    "ScannedSubject",
    "SurveyCombination",
    "SurveyCount",
    "SurveyTally",
]
