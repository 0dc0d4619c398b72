"""Whether a framework computed what it was asked to, before any of it is timed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.contract import Float64s, problem_digest
from pipeline.bench.registry import case_named


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far the outputs are from the reference."""

    relative_error: float
    """The largest over all outputs: greatest difference over the reference's greatest absolute value.

    A gradient is compared as a whole: the length of the difference over the gradient's. In a deep network a rectifier
    whose input is zero but for rounding changes single entries of it by a tenth, and the whole by a few thousandths.
    """
    worst_output: str
    tolerance: float

    @property
    def agrees(self) -> bool:
        """Whether every output is within the tolerance; a value that is no number never is."""
        return self.relative_error <= self.tolerance

    @property
    def sentence(self) -> str:
        """What differs most, and by how much."""
        size = "length" if _is_gradient(self.worst_output) else "largest value"
        off = f"`{self.worst_output}` is off by {self.relative_error:.2g} of the reference's {size}"
        return f"{off}; {self.tolerance:g} is allowed"


@cache
def reference(case_name: str, size: str, dtype: str, seed: int) -> tuple[Float64s, str]:
    """Return what must come out, in float64, for the data as the dtype holds it, and the hash of that data."""
    from pipeline.bench.reference import expected  # noqa: PLC0415 — brings 60 MiB

    problem = case_named(case_name).problem(size, dtype, seed)
    return expected(case_named(case_name), problem), problem_digest(problem)


def read_outputs(file: Path) -> dict[str, NDArray[np.generic]]:
    """Return the arrays that a worker wrote."""
    with np.load(file, allow_pickle=False) as archive:
        return dict(archive)


def compare(outputs: Mapping[str, NDArray[np.generic]], wanted: Float64s, tolerance: float) -> Agreement:
    """Return how far the outputs are from what was expected; a missing output or another shape is infinitely far."""
    errors = {name: _relative_error(name, outputs.get(name), values) for name, values in wanted.items()}
    worst = max(errors, key=lambda name: errors[name])
    return Agreement(relative_error=errors[worst], worst_output=worst, tolerance=tolerance)


def _relative_error(name: str, found: NDArray[np.generic] | None, expected: NDArray[np.float64]) -> float:
    if found is None or found.shape != expected.shape:
        return float("inf")
    order = 2 if _is_gradient(name) else np.inf
    difference, scale = (
        float(np.linalg.norm(values.ravel(), order)) for values in (found.astype(np.float64) - expected, expected)
    )
    error = difference / scale if scale > 0 else difference
    return error if np.isfinite(error) else float("inf")


def _is_gradient(name: str) -> bool:
    return name.startswith("gradient of ")
