"""The stored records: one frozen, closed pydantic model per kind.

`RECORDS` lists the kinds; a new kind is one class, named here, and one migration for its table.
"""

from pipeline.records.collected import CollectWindow as CollectWindow
from pipeline.records.collected import Reject as Reject
from pipeline.records.counts import DownloadList as DownloadList
from pipeline.records.counts import DownloadWindow as DownloadWindow
from pipeline.records.counts import PeriodCount as PeriodCount
from pipeline.records.counts import SurveyCombination as SurveyCombination
from pipeline.records.counts import SurveyCount as SurveyCount
from pipeline.records.counts import SurveyTally as SurveyTally
from pipeline.records.evidence import CorrectedShare as CorrectedShare
from pipeline.records.evidence import DetectorLabel as DetectorLabel
from pipeline.records.evidence import Evidence as Evidence
from pipeline.records.evidence import LabelBalance as LabelBalance
from pipeline.records.evidence import LabelDraw as LabelDraw
from pipeline.records.evidence import OwnFramework as OwnFramework
from pipeline.records.evidence import ScannedFile as ScannedFile
from pipeline.records.evidence import ScannedSubject as ScannedSubject
from pipeline.records.papers import CodeAvailability as CodeAvailability
from pipeline.records.papers import CompetitionEntry as CompetitionEntry
from pipeline.records.papers import CompetitionSystem as CompetitionSystem
from pipeline.records.papers import DrawnCodeLabel as DrawnCodeLabel
from pipeline.records.papers import DrawnRepository as DrawnRepository
from pipeline.records.papers import Paper as Paper
from pipeline.records.papers import PaperCount as PaperCount
from pipeline.records.papers import PaperLabel as PaperLabel
from pipeline.records.papers import PaperRepository as PaperRepository
from pipeline.records.papers import RepositoryDay as RepositoryDay
from pipeline.records.papers import RepositoryState as RepositoryState
from pipeline.records.papers import SampledRepository as SampledRepository
from pipeline.records.papers import SamplingFrame as SamplingFrame
from pipeline.records.record import Record as Record

RECORDS: tuple[type[Record], ...] = tuple(Record.__subclasses__())
