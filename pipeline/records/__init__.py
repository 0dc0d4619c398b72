"""What we store: one frozen, closed pydantic model a kind.

`RECORDS` is the one list of kinds; a new kind is one class and one line here, and one migration for its table.
"""

from pipeline.records.counts import PeriodCount
from pipeline.records.downloads import DownloadList, DownloadWindow
from pipeline.records.evidence import CorrectedShare, DetectorLabel, Evidence, ScannedFile
from pipeline.records.live_papers import Paper, PaperRepository
from pipeline.records.papers import CodeAvailability, CompetitionEntry, PaperCount, PaperLabel
from pipeline.records.record import Record
from pipeline.records.repositories import RepositoryDay, RepositoryState
from pipeline.records.surveys import SurveyCombination, SurveyCount, SurveyTally

RECORDS: tuple[type[Record], ...] = (
    PaperCount,
    PaperLabel,
    CodeAvailability,
    CompetitionEntry,
    SurveyCount,
    SurveyTally,
    SurveyCombination,
    RepositoryDay,
    RepositoryState,
    DownloadWindow,
    DownloadList,
    Paper,
    PaperRepository,
    PeriodCount,
    Evidence,
    ScannedFile,
    DetectorLabel,
    CorrectedShare,
)

__all__ = [
    "RECORDS",
    "CodeAvailability",
    "CompetitionEntry",
    "CorrectedShare",
    "DetectorLabel",
    "DownloadList",
    "DownloadWindow",
    "Evidence",
    "Paper",
    "PaperCount",
    "PaperLabel",
    "PaperRepository",
    "PeriodCount",
    "Record",
    "RepositoryDay",
    "RepositoryState",
    "ScannedFile",
    "SurveyCombination",
    "SurveyCount",
    "SurveyTally",
]
