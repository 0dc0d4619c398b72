"""What a framework adds to an operation too small to take any time."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from pipeline.bench.contract import Case, Laid, Operations, Problem, Sizes, Tensor, Tensors
from pipeline.bench.special_measurement import SpecialMeasurement, SpecialTools, Values

_FEW, _MANY = 1, 101
_OPERATIONS_A_LINK = 2
_FURTHER = (_MANY - _FEW) * _OPERATIONS_A_LINK


class _Chain(Case):
    """One number, multiplied and added to in turn, so that no compiler may sum up what it does."""

    name: ClassVar[str] = "operation_chain"
    title: ClassVar[str] = "Chain of small operations"
    sizes: ClassVar[Sizes] = {"few": {"links": _FEW}, "many": {"links": _MANY}}

    def __init__(self, size: str) -> None:
        """Fix the length."""
        self.links_count = self.sizes[size]["links"]

    def problem(self, size: str, generator: np.random.Generator) -> Problem:
        """Return two numbers."""
        del size
        return Problem(inputs={name: Laid(generator.standard_normal(1)) for name in ("number", "step")})

    def forward(self, operations: Operations, tensors: Tensors) -> Tensor:
        """Return what is left of the number."""
        del operations
        number, step = tensors["number"], tensors["step"]
        for _ in range(self.links_count):
            number = number * step + step
        return number


class Dispatch(SpecialMeasurement):
    """A call with two small operations, waited for or one after the other, and what each further operation adds."""

    name: ClassVar[str] = "dispatch"
    title: ClassVar[str] = "Dispatch overhead"
    measures: ClassVar[Mapping[str, str]] = {"call": "s", "call, pipelined": "s", "operation": "s"}
    workload: ClassVar[str] = (
        f"a call of a multiplication and an addition of one number, and each of {_FURTHER} more in the same call"
    )

    def measure(self, tools: SpecialTools) -> Sequence[Values]:
        """Return the seconds of the short call, and of each operation that follows in the same call.

        Pipelined: only the last of many calls is waited for, so that a framework may work on several at once.
        """
        few, many = (tools.step_seconds(tools.built(_Chain(size), size)) for size in ("few", "many"))
        pipelined = tools.step_seconds(tools.built(_Chain("few"), "few"), waits_each_step=False)
        return [{"call": few, "call, pipelined": pipelined, "operation": (many - few) / _FURTHER}]
