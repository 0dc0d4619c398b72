"""Whether a framework computed what it was asked to, before any of it is timed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.bench.base import Float64s, make_problem, problem_digest
from pipeline.bench.registry import case_named


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far the outputs are from the reference."""

    relative_error: float
    """The largest over all outputs: greatest difference over the reference's greatest absolute value."""
    worst_output: str
    tolerance: float

    @property
    def agrees(self) -> bool:
        """Whether every output is within the tolerance; a value that is no number never is."""
        return self.relative_error <= self.tolerance

    @property
    def sentence(self) -> str:
        """What differs most, and by how much."""
        off = f"`{self.worst_output}` is off by {self.relative_error:.2g} of the reference's largest value"
        return f"{off}; {self.tolerance:g} is allowed"


@cache
def reference(case_name: str, size: str, dtype: str, seed: int) -> tuple[Float64s, str]:
    """Return what must come out, in float64, for the data as the dtype holds it, and the hash of that data."""
    problem = make_problem(case_named(case_name), size, dtype, seed)
    return case_named(case_name).reference(problem), problem_digest(problem)


def read_outputs(file: Path) -> dict[str, NDArray[np.generic]]:
    """Return the arrays that a worker wrote, and remove the file."""
    with np.load(file, allow_pickle=False) as archive:
        outputs = {name: archive[name] for name in archive.files}
    file.unlink()
    return outputs


def compare(outputs: Mapping[str, NDArray[np.generic]], expected: Float64s, tolerance: float) -> Agreement:
    """Return how far the outputs are from what was expected; a missing output or another shape is infinitely far."""
    errors = {name: _relative_error(outputs.get(name), values) for name, values in expected.items()}
    worst = max(errors, key=lambda name: errors[name])
    return Agreement(relative_error=errors[worst], worst_output=worst, tolerance=tolerance)


def _relative_error(found: NDArray[np.generic] | None, expected: NDArray[np.float64]) -> float:
    if found is None or found.shape != expected.shape:
        return float("inf")
    difference = np.abs(found.astype(np.float64) - expected).max()
    scale = np.abs(expected).max()
    error = float(difference / scale) if scale > 0 else float(difference)
    return error if np.isfinite(error) else float("inf")
