"""The most that this machine reaches by plain means: a product by NumPy's BLAS, and a copy by every thread at once.

What a framework reaches is set against these, measured in the same run with as many threads. They are no limit of the
hardware: a better library can pass them, and then the share is above 100 % and says so.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from pipeline.bench.timing import Clock

_SIDE = 2048
_NUMBERS = 1 << 25
_LEAST_REPEATS, _MOST_REPEATS = 3, 12
_SECONDS = 1.0
_BYTES = 4
UNITS = {"product": "flop/s", "copy": "byte/s"}


def plain_peaks(threads_count: int, clock: Clock) -> list[dict[str, object]]:
    """Measure both; each repeats for about a second, three times at least. Takes 400 MB meanwhile.

    An entry is the best of the repeats, in the columns of a `BenchPeak`.
    """
    products = f"{_SIDE} x {_SIDE} times {_SIDE} x {_SIDE}, float32"
    copies = f"{_NUMBERS:,} numbers of 32 bits read and written"
    return [
        _best("product", products, 2 * _SIDE**3, _product_seconds(clock)),
        _best("copy", copies, 2 * _BYTES * _NUMBERS, _copy_seconds(threads_count, clock)),
    ]


def _best(measure: str, workload: str, amount: int, seconds: Sequence[float]) -> dict[str, object]:
    return {
        "measure": measure,
        "unit": UNITS[measure],
        "workload": workload,
        "library": f"NumPy {np.__version__}",
        "repeats_count": len(seconds),
        "value": amount / min(seconds),
    }


def _product_seconds(clock: Clock) -> Sequence[float]:
    generator = np.random.default_rng(0)
    left, right = (generator.standard_normal((_SIDE, _SIDE)).astype(np.float32) for _ in range(2))
    out = np.empty((_SIDE, _SIDE), dtype=np.float32)
    return _repeated(lambda: np.matmul(left, right, out=out), clock)


def _copy_seconds(threads_count: int, clock: Clock) -> Sequence[float]:
    source, target = np.ones(_NUMBERS, dtype=np.float32), np.zeros(_NUMBERS, dtype=np.float32)
    parts = list(zip(np.array_split(target, threads_count), np.array_split(source, threads_count), strict=True))
    with ThreadPoolExecutor(max_workers=threads_count) as pool:
        # NumPy lets other threads run while it copies.
        return _repeated(lambda: list(pool.map(lambda part: np.copyto(*part), parts)), clock)


def _repeated(work: Callable[[], object], clock: Clock) -> Sequence[float]:
    work()  # pages are touched and threads started before anything counts
    seconds: list[float] = []
    while len(seconds) < _LEAST_REPEATS or (sum(seconds) < _SECONDS and len(seconds) < _MOST_REPEATS):
        started = clock.wall_seconds()
        work()
        seconds.append(clock.wall_seconds() - started)
    return seconds
