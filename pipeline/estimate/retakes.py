"""Which of several attempts at one sample counts: all are kept, and none is chosen for how long it took."""

from collections.abc import Iterable
from typing import TypeVar

from pipeline.records.benchmarks import BenchSample

_Sample = TypeVar("_Sample", bound=BenchSample)


def counted(samples: Iterable[_Sample]) -> list[_Sample]:
    """Return one sample per variant, launch and round: the first that nothing disturbed, else the first of all.

    The view `benchmark_samples` marks the same samples by `is_counted`.
    """
    found: dict[tuple[object, ...], _Sample] = {}
    for sample in sorted(samples, key=lambda each: (each.is_disturbed, each.attempt_index)):
        found.setdefault(tuple(getattr(sample, name) for name in sample.key if name != "attempt_index"), sample)
    return list(found.values())
