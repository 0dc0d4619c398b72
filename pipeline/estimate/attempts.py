"""Which of several attempts at one sample counts: all are kept, and none is chosen for how long it took."""

from collections.abc import Iterable

from pipeline.records.benchmarks import BenchSample

_PLACE = (
    "run_id", "case_name", "size", "dtype", "device", "framework", "mode", "launch_index", "round_index",
)  # fmt: skip


def counted(samples: Iterable[BenchSample]) -> list[BenchSample]:
    """Return one sample a variant, launch and round: the first that nothing disturbed, else the first of all.

    The view `benchmark_samples` says the same by `is_counted`.
    """
    found: dict[tuple[object, ...], BenchSample] = {}
    for sample in sorted(samples, key=lambda each: (each.is_disturbed, each.attempt_index)):
        found.setdefault(tuple(getattr(sample, name) for name in _PLACE), sample)
    return list(found.values())
