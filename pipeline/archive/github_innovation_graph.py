"""GitHub's Innovation Graph: developers who push to repositories with a framework's topic, by economy and quarter."""

from datetime import date

from pipeline.archive.importer import ArchiveFile, Importer
from pipeline.archive.raw_text import text_rows
from pipeline.records import PeriodCount
from pipeline.sources.github_innovation_graph import pushers

_COLUMNS = ("year", "quarter", "topic", "iso2_code", "num_pushers")
_RELEASED_ON = date(2026, 1, 27)

# One count per economy, quarter and framework whose topic is published; what is absent is below 100.
_FILE = ArchiveFile(
    "topic_pushers.csv",
    PeriodCount,
    "topic_pushers_quarterly.csv",
    lambda path: pushers(text_rows(path, _COLUMNS), _RELEASED_ON),
)
IMPORTER = Importer("github_innovation_graph", _FILE)
