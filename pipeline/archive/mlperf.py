"""MLPerf: which frameworks the entries of each round name, in training and in inference."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipeline.archive.importer import Fields, Importer, text_rows
from pipeline.errors import BadInput
from pipeline.records import CompetitionEntry
from pipeline.reference import known_frameworks
from pipeline.reference.lists import UNRESOLVED, MlperfRules, read_mlperf_rules
from pipeline.settings import Settings

TRAINING_IMPORTER = Importer("mlperf_training", folder="mlperf")
INFERENCE_IMPORTER = Importer("mlperf_inference", folder="mlperf")
TRAINING_FILE = "training_results_by_framework.parquet"
LATER_FILE = "training_results_v3.1_v4.1_v5.0.csv"
INFERENCE_FILE = "inference_results_by_framework.parquet"

# The year in which MLCommons published the round's results.
_YEAR = {
    "0.6": 2019, "0.7": 2020, "1.0": 2021, "1.1": 2021, "2.0": 2022, "2.1": 2022, "3.0": 2023, "3.1": 2023, "4.0": 2024,
    "4.1": 2024, "5.0": 2025, "5.1": 2025, "6.0": 2026,
}  # fmt: skip

Named = tuple[str, str, str]
"""The round, the group and the set of labels of one entry."""


@TRAINING_IMPORTER.file("mlperf_training.csv", CompetitionEntry, TRAINING_FILE)
def _training(path: Path) -> Iterator[Fields]:
    """Yield the number of training entries for each round and set of frameworks named together."""
    labels, rules = known_frameworks().labels_of("mlperf_training"), read_mlperf_rules(Settings().reference_folder)
    entries = Counter(_flagged(path, labels, rules))
    entries.update(_written(path.with_name(LATER_FILE), labels, rules))
    yield from _counted(path, "MLPerf Training", entries)


def _flagged(path: Path, labels: dict[str, str], rules: MlperfRules) -> Iterator[Named]:
    columns = ("round", "framework", "n_frameworks", *labels)
    for round_name, text, named_count, *flags in text_rows(path, columns):
        named = _flagged_names(labels, flags)
        if str(len(named)) != named_count:
            raise BadInput(f"{path}: a row of {round_name} names {len(named)} frameworks and says {named_count}.")
        yield round_name, "all entries", "|".join(named) or rules.label_set_of(text, {})


def _written(path: Path, labels: dict[str, str], rules: MlperfRules) -> Iterator[Named]:
    """Yield the entries of a file with the framework field as written; where it gives labels too, both must agree."""
    for round_name, text, published in text_rows(path, ("round", "framework_raw", "label_set")):
        label_set = rules.label_set_of(text, labels)
        if label_set.replace(UNRESOLVED, "") != published:
            raise BadInput(f"{path}: {text!r} reads as {label_set or 'nothing'}, but is labelled {published!r}.")
        yield round_name, "all entries", label_set


@INFERENCE_IMPORTER.file("mlperf_inference.csv", CompetitionEntry, INFERENCE_FILE)
def _inference(path: Path) -> Iterator[Fields]:
    """Yield the number of inference results for each round, group and set of frameworks named together."""
    labels, rules = known_frameworks().labels_of("mlperf_inference"), read_mlperf_rules(Settings().reference_folder)
    entries: Counter[Named] = Counter()
    columns = ("round", "organization", "division", "framework", *labels)
    for round_name, organisation, division, text, *flags in text_rows(path, columns):
        is_automated = rules.is_automated(organisation, division, text)
        group = "automated runs" if is_automated else f"{division} division"
        label_set = "|".join(_flagged_names(labels, flags)) or rules.label_set_of(text, labels)
        entries[round_name, group, label_set] += 1
    yield from _counted(path, "MLPerf Inference", entries)


def _counted(path: Path, competition: str, entries: Counter[Named]) -> Iterator[Fields]:
    for (round_name, group, label_set), entries_count in entries.items():
        if round_name not in _YEAR:
            raise BadInput(f"{path}: the round {round_name!r} is new; say in the importer when it was published.")
        yield {
            "competition": competition,
            "round": f"v{round_name}",
            "round_year": _YEAR[round_name],
            "entry_group": group,
            "label_set": label_set,
            "entries_count": entries_count,
        }


def _flagged_names(labels: dict[str, str], flags: list[str]) -> list[str]:
    return sorted(name for name, flag in zip(labels.values(), flags, strict=True) if flag == "true")
