"""What a framework adds to an operation too small to take any time."""

from collections.abc import Sequence

from pipeline.bench.contract import Case, Laid, Problem, Tensors
from pipeline.bench.operations import Operations, Tensor
from pipeline.bench.special_measurement import SpecialMeasurement, SpecialTools, Values

_FEW, _MANY = 1, 101
_OPERATIONS_A_LINK = 2
_FURTHER = (_MANY - _FEW) * _OPERATIONS_A_LINK


def _chain(size: str) -> Case:
    """Return a case of one number, multiplied and added to in turn, so that no compiler may sum up what it does."""
    links_count = {"few": _FEW, "many": _MANY}[size]

    def result(_operations: Operations, tensors: Tensors) -> Tensor:
        number, step = tensors["number"], tensors["step"]
        for _ in range(links_count):
            number = number * step + step
        return number

    return Case(
        name="operation_chain",
        title="Chain of small operations",
        sizes={size: {}},
        wording=f"{links_count} links",
        data=lambda draw: Problem(inputs={name: Laid(draw.standard_normal(1)) for name in ("number", "step")}),
        result=result,
    )


def _measure(tools: SpecialTools) -> Sequence[Values]:
    """Return the seconds of a call with two small operations, and of each operation that follows in the same call.

    Pipelined: only the last of many calls is waited for, so that a framework may work on several at once.
    """
    few, many = (tools.step_seconds(tools.built(_chain(size), size)) for size in ("few", "many"))
    pipelined = tools.step_seconds(tools.built(_chain("few"), "few"), waits_each_step=False)
    return [{"call": few, "call, pipelined": pipelined, "operation": (many - few) / _FURTHER}]


SPECIAL = SpecialMeasurement(
    name="dispatch",
    title="Dispatch overhead",
    workload=f"a call of a multiplication and an addition of one number, and each of {_FURTHER} more in the same call",
    measures={"call": "s", "call, pipelined": "s", "operation": "s"},
    measure=_measure,
)
