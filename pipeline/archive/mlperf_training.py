"""MLPerf Training: which frameworks the entries of each round name."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipeline.archive.importer import ArchiveFile, Fields, Importer
from pipeline.archive.raw_text import text_rows
from pipeline.errors import BadInput
from pipeline.records import CompetitionEntry
from pipeline.reference import known_frameworks

# The year in which MLCommons published the round's results.
_ROUND_YEAR = {
    "0.6": 2019, "0.7": 2020, "1.0": 2021, "1.1": 2021, "2.0": 2022, "2.1": 2022, "3.0": 2023, "4.0": 2024, "5.1": 2025,
}  # fmt: skip


def _entries(path: Path) -> Iterator[Fields]:
    """Yield the number of entries for each round and set of frameworks named together.

    Raises:
        BadInput: the file is missing, a round is unknown, or the flags of a row disagree with its number of frameworks.
    """
    frameworks = known_frameworks().labels_of("mlperf_training")
    entries: Counter[tuple[str, str]] = Counter()
    for round_name, named_count, *flags in text_rows(path, ("round", "n_frameworks", *frameworks)):
        named = [framework for framework, flag in zip(frameworks.values(), flags, strict=True) if flag == "true"]
        if round_name not in _ROUND_YEAR:
            raise BadInput(f"{path}: the round {round_name!r} is new; say in the importer when it was published.")
        if str(len(named)) != named_count:
            raise BadInput(f"{path}: a row of {round_name} names {len(named)} frameworks and says {named_count}.")
        entries[round_name, "|".join(sorted(named))] += 1
    for (round_name, label_set), entries_count in entries.items():
        yield {
            "competition": "MLPerf Training",
            "round": f"v{round_name}",
            "round_year": _ROUND_YEAR[round_name],
            "label_set": label_set,
            "entries_count": entries_count,
        }


IMPORTER = Importer(
    source_id="mlperf_training",
    raw_folder="mlperf",
    files=(ArchiveFile("mlperf_training.csv", CompetitionEntry, "training_results_by_framework.parquet", _entries),),
)
