"""MLPerf Training: which frameworks the entries of each round name."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pipeline.archive.importer import ArchiveFile, Importer, Stamp
from pipeline.archive.raw_text import record_of, text_rows
from pipeline.errors import BadInput
from pipeline.records import CompetitionEntry

_RESULTS = "training_results_by_framework.parquet"

# The year in which MLCommons published the round's results.
_ROUND_YEAR = {
    "0.6": 2019,
    "0.7": 2020,
    "1.0": 2021,
    "1.1": 2021,
    "2.0": 2022,
    "2.1": 2022,
    "3.0": 2023,
    "4.0": 2024,
    "5.1": 2025,
}
_FLAGS = {
    "fw_dgl": "dgl",
    "fw_hugectr": "hugectr",
    "fw_jax": "jax",
    "fw_lingvo": "lingvo",
    "fw_mindspore": "mindspore",
    "fw_mxnet": "mxnet",
    "fw_paddle": "paddle",
    "fw_popart": "popart",
    "fw_pytorch": "pytorch",
    "fw_tensorflow": "tensorflow",
    "fw_tinygrad": "tinygrad",
}


def read_entries(folder: Path, stamp: Stamp) -> Iterator[CompetitionEntry]:
    """Yield the number of entries for each round and set of frameworks named together.

    Raises:
        BadInput: the file is missing, a round is unknown, or the flags of a row disagree with its number of frameworks.
    """
    path = folder / _RESULTS
    entries: Counter[tuple[str, str]] = Counter()
    for round_name, named_count, *flags in text_rows(path, ("round", "n_frameworks", *_FLAGS)):
        named = [framework for framework, flag in zip(_FLAGS.values(), flags, strict=True) if flag == "true"]
        if round_name not in _ROUND_YEAR:
            raise BadInput(f"{path}: the round {round_name!r} is new; say in the importer when it was published.")
        if str(len(named)) != named_count:
            raise BadInput(f"{path}: a row of {round_name} names {len(named)} frameworks and says {named_count}.")
        entries[round_name, "|".join(sorted(named))] += 1
    for (round_name, label_set), entries_count in entries.items():
        fields = {
            "competition": "MLPerf Training",
            "round": f"v{round_name}",
            "round_year": _ROUND_YEAR[round_name],
            "label_set": label_set,
            "entries_count": entries_count,
        }
        yield record_of(CompetitionEntry, path, {**stamp.fields, **fields})


IMPORTER = Importer(
    source_id="mlperf_training",
    title="MLPerf Training results",
    raw_folder="mlperf",
    public_address="https://mlcommons.org/benchmarks/training/",
    licence="Apache-2.0",
    attribution="MLCommons, MLPerf Training results",
    as_of=date(2026, 1, 12),
    notes=(
        (
            "1,417 entries, one a submitter, system and benchmark: rounds v0.6, v0.7, v4.0 and v5.1 from the "
            "published results, v1.0 to v3.0 from cm4mlperf-results. Rounds v0.5, v3.1, v4.1 and v5.0 are missing."
        ),
        "The year is that of the round's publication; v1.0 and v1.1 (2021) and v2.0 and v2.1 (2022) share one.",
        (
            "The framework field is free text about a system: 0 % (v0.6) to 69 % (v3.0) of a round's entries name "
            "several frameworks. They are kept as sets and never split."
        ),
        (
            "NeMo counts as PyTorch. CUDA 12.3, NGC MLPerf v4.0 and LLMBoost name no framework. In v0.6 NVIDIA's "
            "framework is taken from the system's name."
        ),
        "Lingvo is named together with TensorFlow or JAX, which makes two frameworks.",
        (
            "MLPerf Inference is left out: closed entries are nearly all TensorRT, open ones automated TFLite and "
            "ArmNN runs, so it does not measure adoption."
        ),
    ),
    files=(ArchiveFile(name="mlperf_training.csv", record=CompetitionEntry, read=read_entries),),
)
